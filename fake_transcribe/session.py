"""One stream of the service, as a pure core: audio and time in, messages and the end out."""

import random
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fake_transcribe import errors, limits, messages
from fake_transcribe.errors import ServiceException
from fake_transcribe.player import Event, Player
from fake_transcribe.recognition import Heard, Library, Recogniser
from fake_transcribe.script import Script

BYTES_PER_MS = 32
END_LAG_MS = 250
"""After the end frame the service settles what it heard; finals then come this much later."""

STABLE_FROM = {"high": 0.5, "medium": 0.7, "low": 0.9}
"""The stability at which a word is sent as stable, for each level (the model's own scale)."""


@dataclass(frozen=True, kw_only=True)
class Parameters:
    """What a request asks for."""

    sample_rate_hz: int
    language: str
    stability: str | None
    session_id: str


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
class SendException:
    """The stream ends with this exception."""

    data: bytes
    exception: ServiceException


@dataclass(frozen=True, kw_only=True)
class End:
    """The stream ends well."""


@dataclass(frozen=True, kw_only=True)
class Disconnect:
    """The connection is cut off: a script's fault."""


Output = SendResult | SendHeartbeat | SendException | End | Disconnect


@dataclass(kw_only=True)
class Session:
    """The state of one stream. `seed` decides its result ids."""

    library: Library
    scripts: Mapping[str, Script]
    parameters: Parameters
    started_ms: int
    seed: int
    _over: bool = False
    _delayed: list[tuple[int, Event]] = field(default_factory=list)
    _ending_ms: int | None = None

    def __post_init__(self) -> None:
        chance = random.Random(self.seed)
        level = self.parameters.stability
        self._recogniser = Recogniser(self.library)
        self._player = Player(
            scripts=self.scripts,
            draw_id=lambda: str(uuid.UUID(int=chance.getrandbits(128), version=4)),
            stable_from=STABLE_FROM[level] if level is not None else None,
        )
        self._last_audio_ms = self.started_ms
        self._last_sent_ms = self.started_ms

    @property
    def position_ms(self) -> int:
        """How much audio was received."""
        return self._recogniser.position_ms

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
        if len(pcm) > limits.EVENT_AUDIO_MS * BYTES_PER_MS * self.parameters.sample_rate_hz // 16_000:
            return self._fail(errors.TOO_BIG)
        self._last_audio_ms = now_ms
        for found in self._recogniser.hear(pcm):
            if isinstance(found, Heard):
                self._player.begin(found)
            else:
                self._player.lose(found.stream_ms)
        return self._send(self._player.play(self.position_ms), now_ms)

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
        """The transport found a fault (a bad signature, a broken frame)."""
        return [] if self._over else self._fail(exception)

    def tick(self, now_ms: int) -> list[Output]:
        """Time has passed."""
        if self._over:
            return []
        if self._ending_ms is not None:
            if now_ms < self._ending_ms:
                return []
            outputs = self._send([event for _, event in self._delayed], now_ms, delays=False)
            outputs += self._send(self._player.finish(self.position_ms), now_ms, delays=False)
            if not self._over:
                self._over = True
                outputs.append(End())
            return outputs
        if now_ms >= self._last_audio_ms + limits.SILENCE_TIMEOUT_MS:
            return self._fail(errors.SILENCE)
        if now_ms >= self.started_ms + limits.STREAM_MS:
            return self._fail(errors.BY_NAME["LimitExceededException"])
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
            faults = event.faults
            if "exception" in faults:
                return [*outputs, *self._fail(errors.BY_NAME.get(str(faults["exception"]), errors.INTERNAL))]
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
        if any(event.faults.get("out_of_order") for event in events):
            outputs.reverse()
        return outputs

    def _fail(self, exception: ServiceException) -> list[Output]:
        self._over = True
        return [SendException(data=messages.exception(exception.name, exception.message), exception=exception)]
