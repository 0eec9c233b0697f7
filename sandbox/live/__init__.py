"""The live world: sockets, processes and the wall clock around the cores."""
