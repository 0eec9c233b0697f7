"""What the stream worker asks of the world. Each port has one implementation for AWS; tests bring their own."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from broadcast.segments import SegmentRequest

from audio_processor.checkpoint import Checkpoint
from audio_processor.chunk import Chunk, Delivery
from audio_processor.lease import Lease


@dataclass(frozen=True, kw_only=True)
class SessionView:
    """The session's item as the worker sees it."""

    is_active: bool
    ended_at_ms: int = 0
    """When it ended, epoch milliseconds; 0 while it is active."""
    words_are_out: bool = False
    """Whether it has ended and a worker has sent on its last words."""
    silent_since_ms: int | None = None
    """When it was paused or muted, epoch milliseconds; None while it is neither."""
    silences: tuple[tuple[int, int], ...] = ()
    """Its last pauses that have ended: [from, until), epoch milliseconds."""
    source_language: str
    quality_tier: str
    speaker_connection_id: str
    volume: float = 1.0
    """The broadcast's, from 0.0 to 1.0."""
    tuning: Mapping[str, Any] = field(default_factory=dict)
    """The session's own partial-result settings, in the contract's names."""
    lease: Lease
    checkpoint: Checkpoint


class Clock(Protocol):
    def now_ms(self) -> int:
        """Epoch milliseconds."""
        ...


class SessionStore(Protocol):
    """The session's item. Writes are conditional on owner and token; LeaseLostError when they do not hold."""

    async def read(self) -> SessionView | None: ...

    async def acquire(self, *, owner: str, seen: Lease, now_ms: int, expires_at_ms: int) -> SessionView | None:
        """Take a lease that is not live, of a session that may have words; None when another was faster."""
        ...

    async def announce(self, *, owner: str, predecessor_token: int) -> None:
        """Stand ready as successor, unless another does."""
        ...

    async def save(self, *, owner: str, token: int, expires_at_ms: int, checkpoint: Checkpoint) -> SessionView: ...

    async def pass_on(
        self, *, owner: str, token: int, successor: str, expires_at_ms: int, checkpoint: Checkpoint
    ) -> None: ...

    async def release(
        self, *, owner: str, token: int, checkpoint: Checkpoint, words_out_at_ms: int | None = None
    ) -> None:
        """Give the lease up; for good, where the last words of an ended session are out."""
        ...


class AudioQueue(Protocol):
    """The session's queue. QueueGoneError when it does not exist."""

    async def receive(self) -> Delivery:
        """Up to ten messages, after a long poll of RECEIVE_WAIT_S."""
        ...

    async def delete(self, chunks: Sequence[Chunk]) -> None: ...

    async def discard(self, handles: Sequence[str]) -> None:
        """Delete what a delivery has `read`."""
        ...

    async def extend(self, chunks: Sequence[Chunk]) -> None:
        """Renew the visibility timeout; messages that came back meanwhile are passed over."""
        ...

    async def put_back(self, chunks: Sequence[Chunk]) -> None:
        """Make messages visible at once."""
        ...

    async def tell_of_change(self) -> None:
        """Have whoever reads the queue look at the session's item."""
        ...

    async def remove(self) -> None:
        """Delete the queue itself."""
        ...


class TranscribeStream(Protocol):
    """One open stream."""

    async def send(self, audio: bytes) -> None:
        """One AudioEvent. StreamError when the stream has failed."""
        ...

    @property
    def unread_ms(self) -> int:
        """Audio that was sent and that the service has not made room for."""
        ...

    async def end(self) -> None:
        """No more audio follows; the results go on until the service has given all."""
        ...

    def results(self) -> AsyncIterator[Sequence[Any]]:
        """The results of each TranscriptEvent, as the SDK gives them. StreamError when the stream fails."""
        ...


class Transcriber(Protocol):
    async def open(self, *, language: str) -> TranscribeStream:
        """A stream for a two-letter source language, its headers received. StreamError when refused."""
        ...


class Outside(Protocol):
    """Those whom the worker tells."""

    async def forward(self, segment: SegmentRequest) -> None:
        """Invoke the translation. Raises ServiceCallError when the event is not accepted."""
        ...

    async def start_successor(self, *, predecessor_token: int, generation: int) -> None: ...

    async def warn_speaker(self, *, connection_id: str, message: Mapping[str, Any]) -> None: ...

    async def close_connection(self, connection_id: str) -> None:
        """Close a client's connection from the server's side."""
        ...


class Settings(Protocol):
    async def partial_results(self) -> Mapping[str, Any] | None:
        """The configuration of partial results, as stored; None when it cannot be had or is not valid."""
        ...


class Meter(Protocol):
    def count(self, name: str, value: int = 1) -> None: ...

    def time(self, name: str, value_ms: int) -> None: ...

    def level(self, name: str, value: float, unit: str) -> None: ...

    def flush(self) -> None: ...
