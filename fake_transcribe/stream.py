"""One stream's bytes: event-stream frames in, the session's messages out. Pure.

What came further ahead of real time than the service reads waits here; `unread_bytes` says how much, so that a
transport grants no more room than was read.
"""

import hashlib
from collections import deque
from dataclasses import dataclass, field

from fake_transcribe import errors, limits
from fake_transcribe.errors import FrameError, FrameTooBigError, ServiceException
from fake_transcribe.event_stream import Decoder, Message, Timestamp, decode
from fake_transcribe.session import Output, Session
from fake_transcribe.signing import ChunkChain, expired_text

DIGEST_BYTES = 8
_ROUNDS_MS = 20
"""Reading on is asked for at most this often, so that small frames make no timer each. Ours."""


@dataclass(frozen=True, kw_only=True)
class AudioTaken:
    """An AudioEvent reached the session."""

    position_ms: int
    size: int
    digest: str


class _BodyEnd:
    """The body's end, in its place behind the frames that wait."""


@dataclass(kw_only=True)
class StreamBytes:
    """Feeds a session from a request's body, or from messages. Without a chain, signatures are not checked."""

    session: Session
    chain: ChunkChain | None
    undecodable: ServiceException = errors.NOT_DECODED
    _decoder: Decoder = field(default_factory=lambda: Decoder(most_bytes=limits.FRAME_BYTES))
    _waiting: deque[tuple[Message | _BodyEnd, int]] = field(default_factory=deque)
    _waiting_bytes: int = 0
    _displaced: bool = False

    @property
    def unread_bytes(self) -> int:
        """What came and was not read yet."""
        return self._waiting_bytes + self._decoder.pending

    @property
    def ending(self) -> bool:
        """The client has said that no more audio comes, even where that was not read yet."""
        last = self._waiting[-1][0] if self._waiting else None
        return self.session.ending or (isinstance(last, Message) and not last.payload)

    @property
    def next_deadline_ms(self) -> int | None:
        """When `tick` is due next."""
        due_ms = self.session.next_deadline_ms
        if due_ms is None:
            return None
        if self._displaced:
            return 0
        return min(due_ms, self.session.reads_from_ms + _ROUNDS_MS) if self._waiting else due_ms

    def receive(self, data: bytes, now_ms: int) -> list[Output | AudioTaken]:
        """Bytes of the request's body, in any pieces."""
        if self.session.over:
            return []
        before = self._decoder.pending + len(data)
        try:
            frames = self._decoder.feed(data)
        except FrameError as error:
            return self._undecodable(error)
        size = (before - self._decoder.pending) // max(1, len(frames))
        for frame in frames:
            self._wait(frame, size)
        return self._read(now_ms)

    def receive_message(self, data: bytes, now_ms: int) -> list[Output | AudioTaken]:
        """One whole message; an empty one is the end, as some clients say it."""
        if self.session.over:
            return []
        if not data:
            return self.end_message(now_ms)
        if len(data) > limits.FRAME_BYTES:
            return list(self.session.fail(errors.TOO_BIG))
        try:
            frame = decode(data)
        except FrameError as error:
            return self._undecodable(error)
        self._wait(frame, len(data))
        return self._read(now_ms)

    def end_message(self, now_ms: int) -> list[Output | AudioTaken]:
        """The client said in another way than by an event that no more audio comes."""
        self._wait(Message(headers=(), payload=b""), 0)
        return self._read(now_ms)

    def end_of_body(self, now_ms: int) -> list[Output | AudioTaken]:
        """No more bytes come."""
        self._waiting.append((_BodyEnd(), 0))
        return self._read(now_ms)

    def displace(self) -> None:
        """Another stream has this one's session id: it ends at its next tick, which is due."""
        self._displaced = True

    def tick(self, now_ms: int) -> list[Output | AudioTaken]:
        """Time has passed."""
        if self._displaced:
            return list(self.session.fail(errors.CONFLICT))
        return [*self._read(now_ms), *self.session.tick(now_ms)]

    def _wait(self, frame: Message, size: int) -> None:
        self._waiting.append((frame, size))
        self._waiting_bytes += size

    def _read(self, now_ms: int) -> list[Output | AudioTaken]:
        outputs: list[Output | AudioTaken] = []
        while self._waiting and not self.session.over and now_ms >= self.session.reads_from_ms:
            frame, size = self._waiting.popleft()
            self._waiting_bytes -= size
            outputs += self.session.cut_off() if isinstance(frame, _BodyEnd) else self._frame(frame, now_ms)
        if self.session.over:
            self._waiting.clear()
            self._waiting_bytes = 0
        return outputs

    def _frame(self, frame: Message, now_ms: int) -> list[Output | AudioTaken]:
        signed = frame.header(":chunk-signature") is not None
        if self.chain is not None:
            if not signed or not self.chain.check(frame):
                return list(self.session.fail(errors.BAD_CHUNK_SIGNATURE))
            date = frame.header(":date")
            if isinstance(date, Timestamp) and now_ms - date.ms > limits.SIGNATURE_AGE_MS:
                text = expired_text(date.ms, now_ms, limits.SIGNATURE_AGE_MS)
                return list(self.session.fail(errors.bad_request(text)))
        if not frame.payload:
            return list(self.session.end(now_ms))
        try:
            event = decode(frame.payload) if signed else frame
        except FrameError as error:
            return self._undecodable(error)
        if event.header(":event-type") != "AudioEvent" or event.header(":message-type") != "event":
            return list(self.session.fail(self.undecodable))
        outputs: list[Output | AudioTaken] = list(self.session.audio(event.payload, now_ms))
        if event.payload:
            digest = hashlib.blake2b(event.payload, digest_size=DIGEST_BYTES).hexdigest()
            taken = AudioTaken(position_ms=self.session.position_ms, size=len(event.payload), digest=digest)
            outputs.insert(0, taken)
        return outputs

    def _undecodable(self, error: FrameError) -> list[Output | AudioTaken]:
        too_big = isinstance(error, FrameTooBigError)
        return list(self.session.fail(errors.TOO_BIG if too_big else self.undecodable))
