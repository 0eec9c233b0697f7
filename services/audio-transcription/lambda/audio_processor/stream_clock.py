"""From a stream's time to the session's. Pure.

A Transcribe stream counts from its own first byte; the session's audio counts from the session's first byte. Silence
that only keeps a stream alive is time of the stream and none of the session.
"""

from bisect import bisect_right

from audio_processor.limits import BYTES_PER_MS


class StreamClock:
    """Where each piece of a stream's audio lies in the session's."""

    def __init__(self) -> None:
        self._stream_starts: list[int] = []
        self._session_starts: list[int] = []
        self._stream_byte = 0
        self._session_byte = 0

    @property
    def session_ms(self) -> int:
        """The end of the session's audio that this stream was given."""
        return self._session_byte // BYTES_PER_MS

    def fed(self, *, start_byte: int, size: int) -> None:
        """Session audio went into the stream."""
        if not self._stream_starts or start_byte != self._session_byte or self._silence_byte():
            self._stream_starts.append(self._stream_byte)
            self._session_starts.append(start_byte)
        self._session_byte = start_byte + size
        self._stream_byte += size

    def silence(self, *, size: int) -> None:
        """Silence went into the stream."""
        self._stream_byte += size

    @property
    def stream_ms(self) -> int:
        """The length of all that the stream was given."""
        return self._stream_byte // BYTES_PER_MS

    def silence_until_ms(self, stream_ms: int) -> int:
        """How much of the stream up to this place is silence after the last of the session's audio."""
        return max(0, stream_ms - self.stream_ms + self._silence_byte() // BYTES_PER_MS)

    def _silence_byte(self) -> int:
        if not self._stream_starts:
            return 0
        return self._stream_byte - self._stream_starts[-1] - (self._session_byte - self._session_starts[-1])

    def to_session_ms(self, stream_ms: int) -> int:
        """The place in the session's audio; what falls into silence is the end of the audio before it."""
        if not self._stream_starts:
            return self._session_byte // BYTES_PER_MS
        at = max(bisect_right(self._stream_starts, stream_ms * BYTES_PER_MS) - 1, 0)
        into = max(stream_ms * BYTES_PER_MS - self._stream_starts[at], 0)
        limit = self._session_starts[at + 1] if at + 1 < len(self._session_starts) else self._session_byte
        return min(self._session_starts[at] + into, limit) // BYTES_PER_MS
