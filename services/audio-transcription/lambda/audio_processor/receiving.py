"""Messages in, messages away: the queue's side of serving."""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from audio_processor import backoff, limits, metric_names
from audio_processor.chunk import Chunk, Delivery
from audio_processor.errors import QueueGoneError, ServiceCallError
from audio_processor.holding import Holding
from audio_processor.intake import Intake
from audio_processor.ports import AudioQueue, Clock, Meter

log = logging.getLogger(__name__)

HOUSEKEEPING_S = 2.0
"""Chunks of 200 ms fill a batch of deletions in this time."""


class Receiving:
    """Long polls into the intake; deletes and extensions off the hot path."""

    def __init__(
        self,
        *,
        queue: AudioQueue,
        intake: Intake,
        holding: Holding,
        clock: Clock,
        meter: Meter,
        jitter: Callable[[], float],
        wake: asyncio.Event,
        received: Callable[[Sequence[Chunk]], None],
        state_changed: Callable[[int | None], None],
    ) -> None:
        self.queue = queue
        self._intake = intake
        self._holding = holding
        self._clock = clock
        self._meter = meter
        self._jitter = jitter
        self._wake = wake
        self._received = received
        self._state_changed = state_changed
        self._stopping = False
        self._deleting = asyncio.Lock()
        self._under_way = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self.queue_gone = False
        self.empty_receives = 0
        """Receives in a row that brought nothing."""
        self._answered_at_ms = clock.now_ms()
        self._failing = False
        self.sparing = False
        """One receive at a time will do: a cut is near, which waits for those under way."""

    async def run(self, *, spare: bool) -> None:
        """Receive until stopped; a spare receiver rests while `sparing`."""
        failures = 0
        while not self._stopping and not self.queue_gone:
            if spare and self.sparing:
                await asyncio.sleep(limits.TURN_EVERY_MS / 1_000)
                continue
            try:
                await self._receive()
                failures = 0
            except QueueGoneError:
                self.queue_gone = True
                self._wake.set()
            except ServiceCallError as error:
                log.warning("the queue gave nothing: %s", error)
                self._failing = True
                await asyncio.sleep(backoff.wait_ms(failures, self._jitter()) / 1_000)
                failures += 1

    async def _receive(self) -> None:
        self._under_way += 1
        self._idle.clear()
        try:
            delivery = await self.queue.receive()
        finally:
            self._under_way -= 1
            if not self._under_way:
                self._idle.set()
        self._answered_at_ms, self._failing = self._clock.now_ms(), False
        if delivery.state_changed:
            # Before anything else: what was received since then must wait for it.
            self._state_changed(delivery.changed_since_ms)
        self._take(delivery)
        self._wake.set()
        if delivery.read:
            await self._quietly(self.queue.discard(delivery.read))

    def _take(self, delivery: Delivery) -> None:
        chunks = delivery.chunks
        if not chunks:
            self.empty_receives += not delivery.state_changed
            return
        self.empty_receives = 0
        self._received(chunks)
        received, repeated = self._intake.received, self._intake.repeated
        for chunk in chunks:
            self._intake.accept(chunk)
        self._meter.count(metric_names.AUDIO_CHUNKS_RECEIVED, self._intake.received - received)
        self._meter.count(metric_names.AUDIO_CHUNKS_REDELIVERED, self._intake.repeated - repeated)

    def is_unanswered(self, since_ms: int) -> bool:
        """Whether nobody knows if the queue holds more: no receive was answered since then, or none is any more."""
        overdue_at_ms = self._answered_at_ms + limits.RECEIVE_WAIT_S * 1_000 + limits.RECEIVE_LATE_MS
        return self._failing or self._answered_at_ms <= since_ms or self._clock.now_ms() >= overdue_at_ms

    async def stop(self) -> None:
        """Begin no more receives and wait for those under way: what they bring must not be left invisible."""
        self._stopping = True
        await self._idle.wait()

    async def keep_house(self) -> None:
        """Delete what a checkpoint covers and extend what is held for long."""
        while True:
            await asyncio.sleep(HOUSEKEEPING_S)
            await self.delete_covered()
            ageing = self._intake.ageing(self._clock.now_ms(), after_ms=limits.EXTEND_AFTER_MS)
            if ageing:
                await self._quietly(self.queue.extend(ageing))

    async def delete_covered(self) -> None:
        """Delete the messages that the last written checkpoint covers."""
        async with self._deleting:
            chunks = self._intake.deletable(self._holding.acked_seq)
            if chunks:
                await self._quietly(self.queue.delete(chunks))

    async def put_back(self, *, unwritten: bool = False) -> bool:
        """Make every message visible that someone must still hear; `unwritten`: those too that only a checkpoint would
        cover which is not written. False when some may stay hidden."""
        intake = self._intake
        chunks = intake.unacknowledged(self._holding.acked_seq) if unwritten else intake.unsettled()
        return not chunks or await self._quietly(self.queue.put_back(chunks))

    async def _quietly(self, work: Coroutine[Any, Any, None]) -> bool:
        """Whether it was done: a message that was not deleted or put back comes again after its visibility timeout."""
        try:
            await work
        except QueueGoneError:
            self.queue_gone = True
        except ServiceCallError as error:
            log.warning("the queue did not answer: %s", error)
            return False
        return True
