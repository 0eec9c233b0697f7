"""A worker's ear for the speaker's sound: what each chunk adds, what is to be told, what a segment sounded like."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from audio_processor import limits, metric_names
from audio_processor.checkpoint import Checkpoint
from audio_processor.core_port import Released
from audio_processor.errors import ServiceCallError
from audio_processor.ledger import Ledger
from audio_processor.notices import Notices
from audio_processor.ports import Clock, Meter
from audio_processor.quality_watch import QualityWatch
from audio_processor.sound import Sound


class Sounding:
    """The sound of one session, begun where the predecessor's checkpoint ends. `tell` sends the speaker a message."""

    def __init__(
        self,
        *,
        start: Checkpoint,
        notices: Notices,
        meter: Meter,
        clock: Clock,
        save: Callable[[], Awaitable[None]],
        tell: Callable[[Mapping[str, Any]], Awaitable[None]],
    ) -> None:
        self._meter = meter
        self._clock = clock
        self._save = save
        self._tell = tell
        self._sound = Sound(quiet_since_ms=start.quiet_since_ms)
        self._watch = QualityWatch(sound=self._sound, meter=meter, notices=notices)
        self._measured_seq = -1

    @property
    def quiet_since_ms(self) -> int | None:
        return self._sound.quiet_since_ms

    def measure(self, ledger: Ledger) -> None:
        """Measure the chunks of which it is known whether the speaker was paused or muted; those are not for us."""
        for held in ledger.feedable(self._measured_seq):
            self._measured_seq = held.chunk.seq
            if held.silent:
                self._sound.interrupt()
            else:
                self._sound.add(held.chunk.audio, start_ms=held.start_ms)

    def dynamics(self, released: Released) -> dict[str, Any] | None:
        """The contract's `dynamics` of a segment."""
        began = time.perf_counter()
        words = len(released.text.split())
        dynamics = self._sound.dynamics(start_ms=released.start_ms, end_ms=released.end_ms, words=words)
        # Below a millisecond, so that a whole number of them would say nothing.
        took_ms = round((time.perf_counter() - began) * 1000, 3)
        self._meter.level(metric_names.EMOTION_EXTRACTION_LATENCY, took_ms, "Milliseconds")
        return dynamics

    async def run(self) -> None:
        """Judge the sound until cancelled. Raises LeaseLostError."""
        while True:
            await asyncio.sleep(limits.QUALITY_EVERY_MS / 1_000)
            warnings = self._watch.look(self._clock.now_ms())
            if warnings:
                # What is told is written down first, so that no successor tells it again.
                with contextlib.suppress(ServiceCallError):
                    await self._save()
            for warning in warnings:
                await self._tell(warning)
