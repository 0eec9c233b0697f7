"""Whoever waits for events of a run is told when the journal has them."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.journal import Event, Journal


@dataclass(kw_only=True, eq=False)
class _Waiter:
    wanted: Mapping[str, Any]
    count: int
    found: list[Event] = field(default_factory=list)
    enough: asyncio.Event = field(default_factory=asyncio.Event)

    def hear(self, event: Event) -> None:
        if all(event.get(name) == value for name, value in self.wanted.items()):
            self.found.append(event)
            if len(self.found) >= self.count:
                self.enough.set()


class Awaited:
    """Hears the journal from the moment it is made."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._waiters: list[_Waiter] = []
        journal.subscribe(self._hear)

    async def wait(self, wanted: Mapping[str, Any], *, count: int, within_s: float) -> list[Event]:
        """The run's events with these fields: `count` of them, those so far included, or what there is in the end."""
        waiter = _Waiter(wanted=wanted, count=count)
        for event in self._journal.events():
            waiter.hear(event)
        self._waiters.append(waiter)
        try:
            async with asyncio.timeout(within_s):
                await waiter.enough.wait()
        except TimeoutError:
            pass
        finally:
            self._waiters.remove(waiter)
        return waiter.found

    def _hear(self, event: Event) -> None:
        for waiter in self._waiters:
            waiter.hear(event)
