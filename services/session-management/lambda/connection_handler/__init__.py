"""Connections and sessions: `$connect`, `createSession`, `joinSession`, `speakerControl`, and what matches no route."""
