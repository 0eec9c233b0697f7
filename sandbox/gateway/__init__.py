"""API Gateway's WebSocket data plane: a pure connection, and the shell that gives it sockets and functions."""
