"""How a worker leaves: each ending in the order that loses nothing."""

import contextlib
from typing import TYPE_CHECKING

from audio_processor import limits, metric_names
from audio_processor.errors import WorkerError

if TYPE_CHECKING:
    from audio_processor.serving import Serving

FLUSH_MS = 2_000
"""Longest wait for the outbox; what is left in it, the next owner sends."""
SESSION_END_MS = 6_000
"""Longest wait, after the session's end, for the last chunks; for hidden ones, from when they can be had again."""
LAST_GAP_MS = 2_000
"""What waits behind a gap is heard without it in this time, the opening of a stream included."""
EMPTY_RECEIVES = 2 * limits.RECEIVERS
"""Receives in a row that bring nothing until a queue is taken to be empty: a standard queue may miss a message once,
and receives that wait side by side miss the same."""


async def hand_over(serving: "Serving") -> None:
    """The cut. Messages are visible before the lease is passed, so that a crash in between loses no time either."""
    await serving.receiving.stop()
    await serving.releasing.flushed(within_ms=FLUSH_MS)
    orderly = await serving.receiving.put_back()
    await serving.holding.pass_on(lambda: serving.snapshot(orderly=orderly))
    serving.ports.meter.count(metric_names.HANDOVERS)
    await serving.receiving.delete_covered()


async def let_go(serving: "Serving") -> None:
    """Leave the session to whoever comes next."""
    await serving.receiving.stop()
    await serving.releasing.flushed(within_ms=FLUSH_MS)
    orderly = await serving.receiving.put_back()
    await serving.holding.release(lambda: serving.snapshot(orderly=orderly))
    await serving.receiving.delete_covered()


async def go_idle(serving: "Serving") -> None:
    """Nothing has come for long: release what is left of the last words, then leave."""
    await serving.listening.conclude()
    await let_go(serving)


async def end_session(serving: "Serving") -> None:
    """Hear the last chunks, release the last words, and leave nothing behind."""
    clock, receiving, reorder = serving.ports.clock, serving.receiving, serving.intake.reorder
    # What a worker had received that died is hidden, and not gone.
    ends_at_ms = max(clock.now_ms(), serving.patient_until_ms) + SESSION_END_MS
    receiving.empty_receives = 0
    while clock.now_ms() < ends_at_ms and not receiving.queue_gone:
        gap_until_ms = reorder.next_deadline_ms
        if gap_until_ms is not None:
            ends_at_ms = max(ends_at_ms, min(gap_until_ms + SESSION_END_MS, serving.window.closes_at_ms))
        if clock.now_ms() >= ends_at_ms - LAST_GAP_MS:
            reorder.wait_no_longer()
        await serving.advance()
        if clock.now_ms() < serving.patient_until_ms:
            receiving.empty_receives = 0
        if receiving.empty_receives >= EMPTY_RECEIVES and not serving.has_unheard:
            break
        await serving.rest()
    await serving.listening.conclude()
    await serving.releasing.flushed(within_ms=limits.STREAM_DRAIN_MS)
    await receiving.stop()
    await serving.holding.release(lambda: serving.snapshot(orderly=True, rehear=False), words_are_out=True)
    await receiving.delete_covered()
    await receiving.queue.remove()


async def drop(serving: "Serving") -> None:
    """Leave after a failure: whatever can still be put in order is."""
    with contextlib.suppress(WorkerError):
        await serving.receiving.stop()
        orderly = await serving.receiving.put_back(unwritten=True)
        await serving.holding.release(lambda: serving.snapshot(orderly=orderly))
