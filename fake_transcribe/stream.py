"""One stream's bytes: signed event-stream frames in, the session's messages out. Pure."""

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime

from fake_transcribe import errors
from fake_transcribe.errors import FrameError
from fake_transcribe.event_stream import Decoder, Message, Timestamp, decode
from fake_transcribe.limits import SIGNATURE_AGE_MS
from fake_transcribe.session import Output, Session
from fake_transcribe.signing import ChunkChain

DIGEST_BYTES = 8


@dataclass(frozen=True, kw_only=True)
class AudioTaken:
    """An AudioEvent reached the session."""

    position_ms: int
    size: int
    digest: str


@dataclass(kw_only=True)
class StreamBytes:
    """Feeds a session from the request's body. Without a chain, signatures are not checked."""

    session: Session
    chain: ChunkChain | None
    _decoder: Decoder = field(default_factory=Decoder)

    def receive(self, data: bytes, now_ms: int) -> list[Output | AudioTaken]:
        """Bytes of the request's body."""
        try:
            frames = self._decoder.feed(data)
        except FrameError:
            return list(self.session.fail(errors.bad_request("The event stream message could not be decoded.")))
        outputs: list[Output | AudioTaken] = []
        for frame in frames:
            outputs += self._frame(frame, now_ms)
        return outputs

    def _frame(self, frame: Message, now_ms: int) -> list[Output | AudioTaken]:
        signed = frame.header(":chunk-signature") is not None
        if self.chain is not None:
            if not signed or not self.chain.check(frame):
                return list(self.session.fail(errors.BAD_CHUNK_SIGNATURE))
            date = frame.header(":date")
            if isinstance(date, Timestamp) and now_ms - date.ms > SIGNATURE_AGE_MS:
                return list(self.session.fail(_expired(date.ms, now_ms)))
        if signed and not frame.payload:
            return list(self.session.end(now_ms))
        try:
            event = decode(frame.payload) if signed else frame
        except FrameError:
            return list(self.session.fail(errors.bad_request("The event stream message could not be decoded.")))
        outputs: list[Output | AudioTaken] = list(self.session.audio(event.payload, now_ms))
        if event.payload:
            digest = hashlib.blake2b(event.payload, digest_size=DIGEST_BYTES).hexdigest()
            taken = AudioTaken(position_ms=self.session.position_ms, size=len(event.payload), digest=digest)
            outputs.insert(0, taken)
        return outputs


def _expired(signed_ms: int, now_ms: int) -> errors.ServiceException:
    def stamp(at_ms: int) -> str:
        return datetime.fromtimestamp(at_ms / 1000, tz=UTC).strftime("%Y%m%dT%H%M%SZ")

    earliest = stamp(now_ms - SIGNATURE_AGE_MS)
    return errors.bad_request(
        f"Signature expired: {stamp(signed_ms)} is now earlier than {earliest} ({stamp(now_ms)} - 5 min.)"
    )
