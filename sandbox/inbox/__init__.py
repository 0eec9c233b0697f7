"""What whoever is on call receives: every message published to a topic."""
