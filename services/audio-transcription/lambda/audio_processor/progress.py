"""How far into a stream the service has surely come. Pure.

A new stream is given seconds of audio at once, and nothing says how fast the service works through them. It is taken to
keep pace with real time, and to have come as far as its results speak of.
"""


class Progress:
    """A place in the stream, in milliseconds of what it was given."""

    def __init__(self, now_ms: int) -> None:
        self._at_ms = now_ms
        self._stream_ms = 0

    def spoke(self, until_ms: int) -> None:
        """A result ends at this place of the stream."""
        self._stream_ms = max(self._stream_ms, until_ms)

    def reached(self, *, now_ms: int, given_ms: int) -> int:
        """The place now, of what the stream was given so far."""
        self._stream_ms = min(given_ms, self._stream_ms + max(0, now_ms - self._at_ms))
        self._at_ms = now_ms
        return self._stream_ms
