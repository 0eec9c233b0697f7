"""Lambda: execution environments as real processes, one request at a time, frozen when idle."""
