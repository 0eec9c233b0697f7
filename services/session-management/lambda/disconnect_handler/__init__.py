"""`$disconnect`: the connection is forgotten; told twice or never, the counts stay right."""
