"""The control plane: moto, extended, in a process of its own; what it holds is what the data plane runs."""
