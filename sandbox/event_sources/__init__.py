"""Queues as event sources: their messages reach functions in batches."""
