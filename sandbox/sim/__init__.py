"""The deterministic simulator: the deployed handlers and the live world's parts in one thread, in virtual time, from
one seed."""
