"""Looks through the tables with a time to live now and then, and deletes what is due."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from sandbox.clock import LiveClock, Timer
from sandbox.expiry import sweep
from sandbox.expiry.sweep import Expiring
from sandbox.journal import Journal

LOOK_EVERY_MS = 600_000

Call = Callable[[str, Mapping[str, Any]], Awaitable[dict[str, Any]]]
"""One operation of the tables. Raises TableCallError."""


class TableCallError(ConnectionError):
    """The tables refused or did not answer."""

    def __init__(self, operation: str, code: str) -> None:
        super().__init__(f"expected {operation} to be answered, got {code}")
        self.code = code


class Expiry:
    """On the sandbox's clock. `tables` says which tables have a time to live now."""

    def __init__(
        self,
        *,
        clock: LiveClock,
        journal: Journal,
        tables: Callable[[], Awaitable[list[Expiring]]],
        call: Call,
        lag_ms: int = sweep.DELETED_AFTER_MS,
    ) -> None:
        self._clock = clock
        self._journal = journal
        self._tables = tables
        self._call = call
        self._lag_ms = lag_ms
        self._timer: Timer | None = None
        self._looking: asyncio.Task[None] | None = None
        self._is_due = False

    def start(self) -> None:
        """Look for the first time after a while."""
        self._timer = self._clock.call_at(self._clock.now_ms() + LOOK_EVERY_MS, self._look)

    async def stop(self) -> None:
        """Delete nothing more."""
        if self._timer is not None:
            self._timer.cancel()
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.gather(self._looking, return_exceptions=True)

    async def look(self) -> None:
        """Delete what is due in every table."""
        try:
            for table in await self._tables():
                deleted = await self._empty(table)
                if deleted:
                    self._journal.write("table.expired", {"table": table.name, "items": deleted})
        except TableCallError as error:
            # It is tried again at the next look, as everything else is.
            self._journal.write("table.expiry_refused", {"reason": str(error)})

    async def _empty(self, table: Expiring) -> int:
        deleted, start = 0, None
        now_ms = self._clock.now_ms()
        while True:
            page = await self._call("Scan", sweep.scan(table, now_ms, lag_ms=self._lag_ms, start=start))
            for item in page.get("Items", ()):
                deleted += await self._delete(sweep.deletion(table, item, now_ms, lag_ms=self._lag_ms))
            start = page.get("LastEvaluatedKey")
            if start is None:
                return deleted

    async def _delete(self, request: Mapping[str, Any]) -> int:
        try:
            await self._call("DeleteItem", request)
        except TableCallError as error:
            if error.code != "ConditionalCheckFailedException":
                raise
            return 0
        return 1

    def _look(self) -> None:
        self._is_due = True
        if self._looking is None or self._looking.done():
            self._looking = asyncio.ensure_future(self._look_while_due())
        self.start()

    async def _look_while_due(self) -> None:
        # The clock may be moved on while a look is under way.
        while self._is_due:
            self._is_due = False
            await self.look()
