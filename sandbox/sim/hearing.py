"""A listener in a run: `sandbox.client`'s, playing its plan; the journal has what it sees."""

import asyncio
import contextlib
from typing import Any

from sandbox.client.connection import ClosedError, Message, RefusedError
from sandbox.client.listener import Listener
from sandbox.sim.network import SimulatedSocket
from sandbox.sim.plan import HEARTBEAT_MS, ListenerPlan
from sandbox.sim.world import SimulatedWorld
from sandbox.text import fold

TRIES = 8
TRY_AGAIN_S = 1.0
OVERLAP_S = 1.0
"""How long a client keeps its previous connection after a refresh: what is on its way still comes."""


class ListenerRole:
    """One listener."""

    def __init__(self, world: SimulatedWorld, plan: ListenerPlan) -> None:
        self._world = world
        self.plan = plan
        self.joined = asyncio.Event()
        self.hears = True
        """Whether it reads what it is sent."""
        self._listener: Listener | None = None
        self._refreshing = asyncio.Lock()
        self._running: list[asyncio.Task[None]] = []

    def words(self) -> int:
        """How many words it has."""
        return len(fold(self._listener.transcript.source_text())) if self._listener is not None else 0

    async def take_part(self, session_id: str) -> None:
        """Join, follow, and leave when the plan says so."""
        await asyncio.sleep(self.plan.joins_at_ms / 1_000)
        listener = self._listener = await self._open(session_id)
        if listener is None:
            self.joined.set()
            return
        self._note("client.listener_joined", {"language": self.plan.language, "sessionId": session_id})
        self.joined.set()
        if self._world.trouble.happens("listener_deaf"):
            self.hears = False
            self._note("client.listener_deaf", {})
            self._socket().deaf = True
            return
        following = asyncio.create_task(listener.follow(self._receive))
        self._running = [
            asyncio.create_task(self._beat(listener)),
            *(asyncio.create_task(self._refresh_at(at_ms)) for at_ms in self.plan.refreshes_at_ms),
        ]
        if self.plan.leaves_at_ms is not None:
            await asyncio.wait([following], timeout=(self.plan.leaves_at_ms - self.plan.joins_at_ms) / 1_000)
            self._note("client.listener_leaves", {"vanishes": self.plan.vanishes})
            if self.plan.vanishes:
                self._socket().vanish()
            else:
                await listener.connection.close()
        await following

    async def leave(self) -> None:
        """Close what is open."""
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)
        if self._listener is not None:
            await self._listener.connection.close()

    def _socket(self) -> SimulatedSocket:
        assert self._listener is not None
        socket: Any = self._listener.connection.socket
        assert isinstance(socket, SimulatedSocket)
        return socket

    async def _open(self, session_id: str) -> Listener | None:
        for attempt in range(TRIES):
            try:
                return await Listener.open(
                    self._world.network.url,
                    session_id=session_id,
                    language=self.plan.language,
                    local_address=self.plan.address,
                )
            except (RefusedError, RuntimeError, ClosedError, TimeoutError) as error:
                self._refused(error)
                await asyncio.sleep(TRY_AGAIN_S * (attempt + 1))
        return None

    # a long life

    async def _beat(self, listener: Listener) -> None:
        while True:
            await asyncio.sleep(HEARTBEAT_MS / 1_000)
            with contextlib.suppress(ClosedError):
                await listener.connection.send({"action": "heartbeat"})

    async def _refresh_at(self, at_ms: int) -> None:
        await asyncio.sleep(at_ms / 1_000)
        await self._refresh()

    async def _refresh(self) -> None:
        """Go over to a new connection, as often as it takes; both are read for a while."""
        listener = self._listener
        assert listener is not None
        if self._refreshing.locked():
            return
        async with self._refreshing:
            if self.plan.drops_first:
                await listener.connection.close()
            for attempt in range(TRIES):
                try:
                    previous = await listener.refresh(
                        self._world.network.url,
                        local_address=self.plan.address,
                        times=self.plan.refresh_times,
                        on_message=self._receive,
                    )
                except (RefusedError, RuntimeError, ClosedError, TimeoutError) as error:
                    self._refused(error)
                    await asyncio.sleep(TRY_AGAIN_S * (attempt + 1))
                    continue
                self._note("client.refreshed", {})
                self._running.append(asyncio.create_task(listener.follow(self._receive)))
                try:
                    await asyncio.sleep(OVERLAP_S)
                finally:
                    await previous.close()
                return

    def _refused(self, error: Exception) -> None:
        self._world.journal.write("client.refused", {"client": self.plan.name, "reason": str(error)})

    def _receive(self, message: Message, _received_ms: int, new: bool) -> None:
        kind = str(message.get("type"))
        if kind == "connectionRefreshRequired":
            self._running.append(asyncio.create_task(self._refresh()))
        if kind != "translation":
            self._note("client.message", {"type": kind})
            return
        kept = ("sessionId", "segmentId", "sequence", "language", "text", "sourceText", "endMs", "correctionOf")
        about = {key: message[key] for key in kept if message.get(key) is not None}
        self._note("client.translation", {"new": new, **about})

    def _note(self, kind: str, about: dict[str, Any]) -> None:
        self._world.journal.write(kind, {"listener": self.plan.name, **about})
