"""`heartbeat`: an answer that the connection lives, and when it will not for long any more."""
