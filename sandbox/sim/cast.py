"""Everybody who takes part in a run, from the first connection to the last trace."""

import asyncio
from typing import Any

from sandbox.sim.plan import Plan
from sandbox.sim.speaking import SpeakerRole
from sandbox.sim.world import SimulatedWorld


class Cast:
    """Everybody who takes part."""

    def __init__(self, world: SimulatedWorld, plan: Plan) -> None:
        self._world = world
        self._plan = plan
        self.waiting_for = "the first speaker"

    async def play(self) -> None:
        """From the first connection until everything has been tidied away, or should have been."""
        speakers = [SpeakerRole(self._world, one) for one in self._plan.speakers]
        await asyncio.gather(*(speaker.speak() for speaker in speakers))
        # Safety was watched with faults on; from here on there are none, and everything that was said must arrive.
        self._world.heal()
        self._note("run.healed", {})
        self.waiting_for = "the last words"
        await asyncio.gather(*(speaker.wait_for_words(self._plan.patience_ms) for speaker in speakers))
        self._note("run.heard", {})
        self.waiting_for = "the sessions' end"
        await asyncio.gather(*(speaker.end() for speaker in speakers))
        self.waiting_for = "everything to be tidied away"
        await self._rest()

    async def _rest(self) -> None:
        until_ms = self._world.clock.now_ms() + self._plan.rest_ms
        while self._world.clock.now_ms() < until_ms and not is_at_rest(self._world):  # noqa: ASYNC110 - it watches
            await asyncio.sleep(1)
        self._note("run.rested", {})

    def _note(self, kind: str, about: dict[str, Any]) -> None:
        self._world.journal.write(kind, about)


def is_at_rest(world: SimulatedWorld) -> bool:
    """Nothing of any session is left, and nothing runs."""
    busy = any(one["phase"] in ("busy", "returning", "init") for one in world.functions.environments())
    return not (busy or leftovers(world))


def leftovers(world: SimulatedWorld) -> list[str]:
    """What sessions have left behind, by name.

    The record of a connection that never was in a session, and of whose end nobody was told, has its time to live.
    """
    found = [f"the queue {name}" for name in world.queues.names() if name.startswith("session-audio-")]
    for table in world.tables.table_names():
        if table.startswith("Connections-"):
            found += [
                f"the record of the connection {item['connectionId']['S']}"
                for item in world.tables.items(table)
                if "sessionId" in item or item["connectionId"]["S"] not in world.unreported
            ]
        if table.startswith("Sessions-"):
            found += [
                f"the live session {item['sessionId']['S']}"
                for item in world.tables.items(table)
                if item.get("status", {}).get("S") == "active"
            ]
    if world.transcribe.exchanges:
        found.append(f"{len(world.transcribe.exchanges)} Transcribe streams")
    if world.gateway.connection_count():
        found.append(f"{world.gateway.connection_count()} open connections")
    return found
