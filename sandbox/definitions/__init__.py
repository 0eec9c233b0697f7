"""What the control plane holds, in the form the data plane runs. Pure: no I/O, no clock."""
