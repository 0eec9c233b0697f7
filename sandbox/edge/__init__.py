"""The sandbox's one port: HTTP, WebSocket upgrades, and the proxy that answers for AWS's host names."""
