"""The WebSocket API's authorizer: a token makes a speaker, a session in the URL makes an anonymous listener."""
