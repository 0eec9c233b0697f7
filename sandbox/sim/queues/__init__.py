"""Amazon SQS's standard queues as a small pure core, and its JSON protocol."""
