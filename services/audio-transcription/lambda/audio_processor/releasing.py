"""From a released segment to the accepted invocation of the translation: checkpoint, then invocation, in order.

`checkpoint.py` says why in this order.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from broadcast.segments import SegmentRequest

from audio_processor import backoff, limits, logs, metric_names
from audio_processor.errors import ServiceCallError
from audio_processor.ports import Clock, Meter, Outside

log = logging.getLogger(__name__)


class Releasing:
    """Numbered segments on their way out. `save` writes a checkpoint that holds `outbox` as it is at that moment."""

    def __init__(
        self,
        *,
        outside: Outside,
        clock: Clock,
        meter: Meter,
        jitter: Callable[[], float],
        save: Callable[[], Awaitable[None]],
    ) -> None:
        self._outside = outside
        self._clock = clock
        self._meter = meter
        self._jitter = jitter
        self._save = save
        self._outbox: list[SegmentRequest] = []
        self._work = asyncio.Event()
        self._done = asyncio.Event()
        self._done.set()

    @property
    def outbox(self) -> tuple[SegmentRequest, ...]:
        """Segments that have a number and are not known to be accepted."""
        return tuple(self._outbox)

    def add(self, segments: list[SegmentRequest]) -> None:
        """Take segments in order of their numbers."""
        if segments:
            self._outbox += segments
            self._work.set()
            self._done.clear()

    async def run(self) -> None:
        """Work until cancelled. Raises LeaseLostError."""
        failures = 0
        while True:
            await self._work.wait()
            self._work.clear()
            batch = self.outbox
            try:
                await self._save()
            except ServiceCallError as error:
                log.warning("the checkpoint was not written: %s", error)
                await asyncio.sleep(backoff.wait_ms(failures, self._jitter()) / 1_000)
                failures += 1
                self._work.set()
                continue
            failures = 0
            for segment in batch:
                await self._forward(segment)
                self._outbox.remove(segment)
            if not self._outbox:
                self._done.set()

    async def flushed(self, *, within_ms: int) -> bool:
        """Wait until the outbox is empty; False when that takes too long."""
        try:
            async with asyncio.timeout(within_ms / 1_000):
                await self._done.wait()
        except TimeoutError:
            return False
        return True

    async def _forward(self, segment: SegmentRequest) -> None:
        which = logs.facts({"sessionId": segment.sessionId, "segmentId": segment.segmentId})
        for attempt in range(limits.FORWARD_ATTEMPTS):
            try:
                await self._outside.forward(segment)
            except ServiceCallError as error:
                log.warning("a segment was not accepted: %s", error, extra=which)
                await asyncio.sleep(backoff.wait_ms(attempt, self._jitter()) / 1_000)
                continue
            now_ms = self._clock.now_ms()
            self._meter.time(metric_names.TRANSCRIPTION_FORWARDING_LATENCY, now_ms - segment.releasedAtMs)
            if segment.stableAtMs is not None:
                self._meter.time(metric_names.PARTIAL_RESULT_PROCESSING_LATENCY, now_ms - segment.stableAtMs)
            return
        self._meter.count(metric_names.FORWARDING_ERRORS)
        log.error("a segment is given up", extra=which)
