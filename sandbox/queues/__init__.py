"""Amazon SQS's queues as a small pure core, and the operations on them as the JSON protocol has them."""
