"""The lease while it is held: each write renews it, carries a checkpoint, and brings back the session's state."""

import asyncio
from collections.abc import Callable

from audio_processor import limits
from audio_processor.checkpoint import Checkpoint
from audio_processor.pauses import Pauses
from audio_processor.ports import Clock, SessionStore, SessionView


class Holding:
    """One worker's hold on a session. `snapshot` gives the checkpoint as of now."""

    def __init__(
        self, *, store: SessionStore, owner: str, view: SessionView, clock: Clock, snapshot: Callable[[], Checkpoint]
    ) -> None:
        self._store = store
        self._owner = owner
        self._clock = clock
        self._snapshot = snapshot
        self._writing = asyncio.Lock()
        self._renewed_at_ms = clock.now_ms()
        self.view = view
        """The session as last read."""
        self.seen_at_ms = clock.now_ms()
        """A time at which the view was true."""
        self._doubts: list[int] = []
        """Since when changes hold that the view may not have yet."""
        self.acked_seq = view.checkpoint.acked_seq
        """Chunks up to this number are covered by a checkpoint that is written."""

    @property
    def token(self) -> int:
        return self.view.lease.token

    @property
    def pauses(self) -> Pauses:
        """When the broadcast was paused or muted, as last read."""
        view = self.view
        return Pauses(
            ended=view.silences,
            since_ms=view.silent_since_ms,
            seen_at_ms=self.seen_at_ms,
            doubted_from_ms=min(self._doubts, default=None),
        )

    def doubt(self, since_ms: int) -> None:
        """The session has changed since then; until it is seen, nothing is known of what was received later."""
        self._doubts.append(since_ms)

    @property
    def renewal_due_at_ms(self) -> int:
        return self._renewed_at_ms + limits.RENEW_EVERY_MS

    async def save(self) -> None:
        """Write the checkpoint and renew the lease. Raises LeaseLostError."""
        async with self._writing:
            checkpoint, now_ms, doubts = self._snapshot(), self._clock.now_ms(), len(self._doubts)
            self.view = await self._store.save(
                owner=self._owner, token=self.token, expires_at_ms=now_ms + limits.LEASE_MS, checkpoint=checkpoint
            )
            self.seen_at_ms = self._renewed_at_ms = now_ms
            del self._doubts[:doubts]
            self.acked_seq = checkpoint.acked_seq

    async def look(self) -> None:
        """Read the session's state; a session that is gone has ended. Changes nothing."""
        async with self._writing:
            now_ms, doubts = self._clock.now_ms(), len(self._doubts)
            view = await self._store.read()
            if view is not None and view.lease.token == self.token:
                self.view = view
                self.seen_at_ms = now_ms
                del self._doubts[:doubts]

    async def pass_on(self, last: Callable[[], Checkpoint]) -> None:
        """Make the announced successor the owner. Raises LeaseLostError."""
        async with self._writing:
            checkpoint = last()
            await self._store.pass_on(
                owner=self._owner,
                token=self.token,
                successor=self.view.lease.successor,
                expires_at_ms=self._clock.now_ms() + limits.LEASE_MS,
                checkpoint=checkpoint,
            )
            self.acked_seq = checkpoint.acked_seq

    async def release(self, last: Callable[[], Checkpoint], *, words_are_out: bool = False) -> None:
        """Give the lease up; for good, where the last words of an ended session are out. Raises LeaseLostError."""
        async with self._writing:
            checkpoint = last()
            out_at_ms = self._clock.now_ms() if words_are_out else None
            await self._store.release(
                owner=self._owner, token=self.token, checkpoint=checkpoint, words_out_at_ms=out_at_ms
            )
            self.acked_seq = checkpoint.acked_seq
