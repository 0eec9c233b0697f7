"""At rest, a session's count of listeners is the number of their records, and of their open connections.

A connection whose $disconnect was lost is found out by the next word that is posted to it, or, where none comes, once
it has been quiet for five minutes (`session_status_handler.tidying`); until then its listener is counted.
"""

from collections import Counter

from sandbox.journal import Event
from sandbox.sim.invariants.checker import Watching
from sandbox.sim.plan import Plan
from sandbox.sim.world import SimulatedWorld

TOO_LATE = "rested"
FOUND_OUT_MS = 5 * 60_000 + 30_000
"""Five quiet minutes, and the next of the passes that come twice a minute."""


class ListenerCount(Watching):
    """Looks at the tables and at the gateway."""

    name = "listener_count"
    sees = ("gateway.close", "segment.forwarded", "lambda.end")

    def __init__(self, plan: Plan) -> None:
        super().__init__(plan)
        self._closed_ms: dict[str, int] = {}
        self._said_ms: dict[str, int] = {}
        """When the last words of a session were sent to be translated that have been posted to everybody."""
        self._under_way: dict[str, tuple[str, int]] = {}
        """Of words that are being translated: their session, and when they were sent to be."""

    def note(self, event: Event) -> None:
        match event["kind"]:
            case "gateway.close":
                self._closed_ms[event["connectionId"]] = event["t_ms"]
            case "segment.forwarded":
                self._under_way[event["requestId"]] = (event["sessionId"], event["t_ms"])
            case "lambda.end" if event["status"] == "ok" and event["requestId"] in self._under_way:
                session_id, sent_ms = self._under_way.pop(event["requestId"])
                self._said_ms[session_id] = max(sent_ms, self._said_ms.get(session_id, 0))

    def _is_unknown(self, world: SimulatedWorld, connection_id: str, session_id: str) -> bool:
        """Whether a connection may have ended without anybody's knowing yet."""
        closed_ms = self._closed_ms.get(connection_id)
        return (
            closed_ms is not None
            and connection_id in world.unreported
            and self._said_ms.get(session_id, 0) < closed_ms
            and world.journal_ms() < closed_ms + FOUND_OUT_MS
        )

    def look(self, world: SimulatedWorld, moment: str) -> None:
        if moment == TOO_LATE:
            return
        tables = {name.partition("-")[0]: world.tables.items(name) for name in world.tables.table_names()}
        open_ids = world.gateway.connection_ids()
        joined = [
            (item["connectionId"]["S"], item["sessionId"]["S"])
            for item in tables["Connections"]
            if "targetLanguage" in item
        ]
        records = Counter(session_id for _, session_id in joined)
        connected = Counter(
            session_id for name, session_id in joined if name in open_ids or self._is_unknown(world, name, session_id)
        )
        for session in tables["Sessions"]:
            if session.get("status", {}).get("S") != "active":
                continue
            session_id = session["sessionId"]["S"]
            count = int(session["listenerCount"]["N"])
            if not count == records[session_id] == connected[session_id]:
                self.found(
                    world.journal_ms(),
                    f"{session_id}: the session counts {count} listeners, there are {records[session_id]} records and "
                    f"{connected[session_id]} open connections",
                )
