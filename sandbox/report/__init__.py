"""What a run's journal says: latencies, counts and the comparison of words. Pure views of events."""
