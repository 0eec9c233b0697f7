"""One stream of the service, as a pure core: audio and time in, messages and the end out."""

import random
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fake_transcribe import errors, limits, messages
from fake_transcribe.channel import Channel
from fake_transcribe.errors import ServiceException
from fake_transcribe.faults import Fault
from fake_transcribe.player import Event
from fake_transcribe.recognition import Library
from fake_transcribe.request import Parameters
from fake_transcribe.script import Script

SAMPLE_BYTES = 2
END_LAG_MS = 250
"""After the end frame the service settles what it heard; finals then come this much later."""

STABLE_FROM = {"high": 0.5, "medium": 0.7, "low": 0.9}
"""The stability at which a word is sent as stable, for each level (the model's own scale)."""


@dataclass(frozen=True, kw_only=True)
class SendResult:
    """A result for the client, with its event."""

    data: bytes
    result: Mapping[str, Any]
    is_partial: bool


@dataclass(frozen=True, kw_only=True)
class SendHeartbeat:
    """An event without results."""

    data: bytes


@dataclass(frozen=True, kw_only=True)
class SendFault:
    """Bytes that a fault on demand puts into the stream."""

    data: bytes


@dataclass(frozen=True, kw_only=True)
class SendException:
    """The stream ends with this exception."""

    data: bytes
    exception: ServiceException


@dataclass(frozen=True, kw_only=True)
class GoAway:
    """The connection announces its end; this stream goes on. A fault on demand."""


@dataclass(frozen=True, kw_only=True)
class End:
    """The stream ends well."""


@dataclass(frozen=True, kw_only=True)
class Disconnect:
    """The connection is cut off: a fault of the script or on demand."""


Output = SendResult | SendHeartbeat | SendFault | SendException | GoAway | End | Disconnect


@dataclass(kw_only=True)
class Session:
    """The state of one stream. `seed` decides its result ids; `filter_words` are what its vocabulary filters catch."""

    library: Library
    scripts: Mapping[str, Script]
    parameters: Parameters
    started_ms: int
    seed: int
    faults: Sequence[Fault] = ()
    filter_words: Collection[str] = ()
    _over: bool = False
    _delayed: list[tuple[int, Event]] = field(default_factory=list)
    _ending_ms: int | None = None
    _partials: int = 0

    def __post_init__(self) -> None:
        chance = random.Random(self.seed)
        level = self.parameters.stability
        self._channels = [
            Channel(
                number=number if self.parameters.channels > 1 else None,
                library=self.library,
                scripts=self.scripts,
                parameters=self.parameters,
                filter_words=self.filter_words,
                draw_id=lambda: str(uuid.UUID(int=chance.getrandbits(128), version=4)),
                stable_from=STABLE_FROM[level] if level is not None else None,
            )
            for number in range(self.parameters.channels)
        ]
        self._last_audio_ms = self.started_ms
        self._last_sent_ms = self.started_ms
        self._audio_bytes = 0
        # Sorting keeps the order in which faults of the same moment were asked for.
        self._faults = sorted(self.faults, key=lambda fault: fault.at_ms or 0)

    @property
    def over(self) -> bool:
        """Nothing comes any more."""
        return self._over

    @property
    def ending(self) -> bool:
        """No more audio comes: what was heard is still to be said."""
        return self._ending_ms is not None

    @property
    def position_ms(self) -> int:
        """How much audio was heard."""
        return self._channels[0].position_ms

    @property
    def reads_from_ms(self) -> int:
        """When the next audio is read: what came too far ahead of real time waits."""
        return self.started_ms + self._received_ms - limits.READ_AHEAD_MS

    @property
    def _received_ms(self) -> int:
        return self._audio_bytes * 1000 // self._bytes_per_s

    @property
    def _bytes_per_s(self) -> int:
        return SAMPLE_BYTES * self.parameters.sample_rate_hz * self.parameters.channels

    @property
    def next_deadline_ms(self) -> int | None:
        """When `tick` is due next."""
        if self._over:
            return None
        if self._ending_ms is not None:
            return self._ending_ms
        deadlines = [
            self._last_audio_ms + limits.SILENCE_TIMEOUT_MS,
            self._last_sent_ms + limits.HEARTBEAT_MS,
            self.started_ms + limits.STREAM_MS,
            *(due_ms for due_ms, _ in self._delayed),
        ]
        return min(deadlines)

    def audio(self, pcm: bytes, now_ms: int) -> list[Output]:
        """One AudioEvent's audio; empty audio is the end, as some clients say it."""
        if self._over or self._ending_ms is not None:
            return []
        if not pcm:
            return self.end(now_ms)
        if self.parameters.encoding == "pcm" and len(pcm) > limits.EVENT_AUDIO_MS * self._bytes_per_s // 1000:
            return self._fail(errors.TOO_BIG)
        self._last_audio_ms = now_ms
        if self.parameters.encoding != "pcm":
            # Nothing here decodes it: taken, and heard as silence.
            return []
        self._audio_bytes += len(pcm)
        events = [event for channel in self._channels for event in channel.hear(pcm)]
        outputs = self._send(events, now_ms)
        return outputs + self._suffer()

    def end(self, now_ms: int) -> list[Output]:
        """The client's end frame."""
        if not self._over and self._ending_ms is None:
            self._ending_ms = now_ms + END_LAG_MS
        return []

    def cut_off(self) -> list[Output]:
        """The client's stream ended without an end frame."""
        if self._over or self._ending_ms is not None:
            return []
        return self._fail(errors.NO_END)

    def fail(self, exception: ServiceException) -> list[Output]:
        """The transport found a fault (a bad signature, a broken frame), or another stream took this one's place."""
        return [] if self._over else self._fail(exception)

    def tick(self, now_ms: int) -> list[Output]:
        """Time has passed."""
        if self._over:
            return []
        if self._ending_ms is not None:
            if now_ms < self._ending_ms:
                return []
            outputs = self._send([event for _, event in self._delayed], now_ms, delays=False)
            for channel in self._channels:
                outputs += self._send(channel.finish(), now_ms, delays=False)
            if not self._over:
                self._over = True
                outputs.append(End())
            return outputs
        if now_ms >= self._last_audio_ms + limits.SILENCE_TIMEOUT_MS:
            return self._fail(errors.SILENCE)
        if now_ms >= self.started_ms + limits.STREAM_MS:
            return self._fail(errors.OVER_A_LIMIT)
        due = [event for due_ms, event in self._delayed if due_ms <= now_ms]
        self._delayed = [(due_ms, event) for due_ms, event in self._delayed if due_ms > now_ms]
        outputs = self._send(due, now_ms, delays=False)
        if not self._over and now_ms >= self._last_sent_ms + limits.HEARTBEAT_MS:
            self._last_sent_ms = now_ms
            outputs.append(SendHeartbeat(data=messages.transcript([])))
        return outputs

    def _send(self, events: list[Event], now_ms: int, *, delays: bool = True) -> list[Output]:
        outputs: list[Output] = []
        for event in events:
            if self._over:
                break
            faults = event.faults
            if "exception" in faults:
                return [*outputs, *self._fail(errors.named(str(faults["exception"])))]
            if faults.get("disconnect"):
                self._over = True
                return [*outputs, Disconnect()]
            if faults.get("drop"):
                continue
            if delays and faults.get("delay_ms"):
                self._delayed.append((now_ms + int(faults["delay_ms"]), event))
                continue
            sent = SendResult(
                data=messages.transcript([event.result]), result=event.result, is_partial=event.is_partial
            )
            outputs += [sent, sent] if faults.get("duplicate") else [sent]
            self._last_sent_ms = now_ms
            outputs += self._now_and_then(event)
        if any(event.faults.get("out_of_order") for event in events):
            outputs.reverse()
        return outputs

    def _now_and_then(self, event: Event) -> list[Output]:
        """The empty results that come inside a segment too."""
        self._partials = self._partials + 1 if event.is_partial else 0
        if not self._partials or self._partials % limits.PARTIALS_BEFORE_EMPTY:
            return []
        return [SendHeartbeat(data=messages.transcript([]))]

    def _suffer(self) -> list[Output]:
        """The faults on demand that are due at this position."""
        outputs: list[Output] = []
        while not self._over and self._faults and (self._faults[0].at_ms or 0) <= self._received_ms:
            outputs += self._fault(self._faults.pop(0))
        return outputs

    def _fault(self, fault: Fault) -> list[Output]:
        match fault.kind:
            case "exception":
                return self._fail(errors.named(fault.value))
            case "unknown-event":
                return [SendFault(data=messages.event("UnheardOfEvent", {}))]
            case "bad-crc":
                data = bytearray(messages.transcript([]))
                data[-1] ^= 0xFF
                return [SendFault(data=bytes(data))]
            case "truncated":
                data = bytearray(messages.transcript([]))
                self._over = True
                return [SendFault(data=bytes(data[: len(data) // 2])), End()]
            case "goaway":
                return [GoAway()]
            case _:
                self._over = True
                return [Disconnect()]

    def _fail(self, exception: ServiceException) -> list[Output]:
        self._over = True
        return [SendException(data=messages.exception(exception.name, exception.message), exception=exception)]
