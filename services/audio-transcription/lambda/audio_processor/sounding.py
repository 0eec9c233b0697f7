"""A worker's ear for the speaker's sound: what each chunk adds, what is to be told, what a segment sounded like."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from audio_processor import limits, metric_names
from audio_processor.checkpoint import Checkpoint
from audio_processor.core_port import Released
from audio_processor.errors import ServiceCallError
from audio_processor.ledger import HeldChunk, Ledger
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
        self._gathered_seq = -1
        self._gathered: list[HeldChunk] = []

    @property
    def quiet_since_ms(self) -> int | None:
        self._measure()
        return self._sound.quiet_since_ms

    def gather(self, ledger: Ledger) -> None:
        """Take the chunks of which it is known whether the speaker was paused or muted.

        They are measured when somebody asks, which each checkpoint does: together, they cost half as much.
        """
        held = ledger.feedable(self._gathered_seq)
        if held:
            self._gathered += held
            self._gathered_seq = held[-1].chunk.seq

    def _measure(self) -> None:
        """Measure what is gathered; what was sent while paused or muted is not for us."""
        gathered, self._gathered = self._gathered, []
        run: list[HeldChunk] = []
        for held in gathered:
            if run and (held.silent or held.start_byte != run[-1].end_byte):
                self._add(run)
                run = []
            if held.silent:
                self._sound.interrupt()
            else:
                run.append(held)
        if run:
            self._add(run)

    def _add(self, run: Sequence[HeldChunk]) -> None:
        """Chunks that follow each other without a gap."""
        self._sound.add(b"".join(held.chunk.audio for held in run), start_ms=run[0].start_ms)

    def dynamics(self, released: Released) -> dict[str, Any] | None:
        """The contract's `dynamics` of a segment."""
        self._measure()
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
            self._measure()
            warnings = self._watch.look(self._clock.now_ms())
            if warnings:
                # What is told is written down first, so that no successor tells it again.
                with contextlib.suppress(ServiceCallError):
                    await self._save()
            for warning in warnings:
                await self._tell(warning)
