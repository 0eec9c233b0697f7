"""Each alarm raised by a real failure, ended by its absence, and told to whoever is on call."""
