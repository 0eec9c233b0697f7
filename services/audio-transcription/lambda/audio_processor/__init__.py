"""The audio processor: `sendAudio` into the session's queue, and the stream worker that reads it."""
