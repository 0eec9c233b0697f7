"""The stream worker: claims a session's lease, serves it, and passes it on or ends it."""

import asyncio
import contextlib
import logging

from audio_processor import limits
from audio_processor.assignment import Assignment, Ending, Ports
from audio_processor.errors import LeaseLostError, StreamError, WorkerError
from audio_processor.lease import Claim, claim
from audio_processor.listening import open_stream
from audio_processor.ports import SessionView, TranscribeStream
from audio_processor.serving import Serving

log = logging.getLogger(__name__)


class StreamWorker:
    """One invocation."""

    def __init__(self, *, assignment: Assignment, ports: Ports) -> None:
        self._assignment = assignment
        self._ports = ports

    async def run(self) -> Ending:
        """Serve the session, if the lease can be had. Raises WorkerError when the service could not go on."""
        view = await self._ports.store.read()
        if view is None or not self._may_have_words(view):
            return Ending.NOT_NEEDED
        warm = self._warm_up(view) if self._assignment.predecessor_token is not None and self._sounds(view) else None
        serving = None
        try:
            settings = await self._ports.settings.partial_results()
            owned, crashed = await self._claim(view, self._ports.clock.now_ms())
            if owned is None:
                return Ending.NOT_NEEDED
            serving = Serving(
                assignment=self._assignment,
                ports=self._ports,
                view=owned,
                crashed=crashed,
                settings=settings,
                warm=warm,
            )
            return await serving.run()
        except LeaseLostError as lost:
            log.warning("%s", lost)
            return Ending.LEASE_LOST
        finally:
            if serving is not None:
                await serving.close()
            elif warm is not None:
                await _discard(warm)

    def _may_have_words(self, view: SessionView) -> bool:
        """Whether it goes on, or ended so lately that its queue may hold what was said before."""
        lately_ms = self._ports.clock.now_ms() - limits.WORDS_LEFT_MS
        return view.is_active or (view.ended_at_ms > lately_ms and not view.words_are_out)

    def _sounds(self, view: SessionView) -> bool:
        """Whether the session has been heard lately, so that a stream will be wanted at once."""
        return self._ports.clock.now_ms() - view.checkpoint.last_sound_at_ms < limits.IDLE_MS

    def _warm_up(self, view: SessionView) -> asyncio.Task[TranscribeStream]:
        """A stream that stands open when the predecessor makes its cut."""
        opening = open_stream(self._ports.transcriber, view.source_language, self._ports.clock, self._ports.meter)
        return asyncio.create_task(opening)

    async def _claim(self, view: SessionView, began_ms: int) -> tuple[SessionView | None, bool]:
        """The session once it is ours, or None; and whether it was taken from a worker that died."""
        store, me, token = self._ports.store, self._assignment.worker, self._assignment.predecessor_token
        seen: SessionView | None = view
        while seen is not None:
            now_ms = self._ports.clock.now_ms()
            match claim(seen.lease, worker=me, predecessor_token=token, now_ms=now_ms):
                case Claim.OWN:
                    return seen, False
                case Claim.ACQUIRE:
                    taken = await store.acquire(
                        owner=me, seen=seen.lease, now_ms=now_ms, expires_at_ms=now_ms + limits.LEASE_MS
                    )
                    # A successor may have died too that the lease was passed to in good order: what its predecessor
                    # never knew that it had received is hidden still.
                    return taken, seen.lease.token > 0 and not seen.lease.is_released
                case Claim.LEAVE:
                    return None, False
                case Claim.ANNOUNCE:
                    assert token is not None
                    await store.announce(owner=me, predecessor_token=token)
                    await self._tell_predecessor()
                case Claim.WAIT:
                    await asyncio.sleep(limits.SUCCESSOR_POLL_MS / 1_000)
            if now_ms - began_ms > limits.SUCCESSOR_WAIT_MS:
                return None, False
            seen = await store.read()
        return None, False

    async def _tell_predecessor(self) -> None:
        """Have it look at the lease now; it does at its next renewal anyway."""
        try:
            await self._ports.queue.tell_of_change()
        except WorkerError as error:
            log.warning("the predecessor was not told of its successor: %s", error)


async def _discard(warm: asyncio.Task[TranscribeStream]) -> None:
    """End a stream that was not needed; its results must be read to the end all the same."""
    with contextlib.suppress(StreamError, TimeoutError):
        async with asyncio.timeout(limits.STREAM_DRAIN_MS / 1_000):
            stream = await warm
            await stream.end()
            async for _ in stream.results():
                continue
