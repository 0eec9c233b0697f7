"""What AWS's services send to each other's queues, topics and functions: dead letters, destinations, rules' events."""
