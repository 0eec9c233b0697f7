"""At rest, a session's count of listeners is the number of their records, and of their open connections."""

from collections import Counter

from sandbox.sim.invariants.checker import Watching
from sandbox.sim.world import SimulatedWorld

TOO_LATE = "rested"


class ListenerCount(Watching):
    """Looks at the tables and at the gateway."""

    name = "listener_count"

    def look(self, world: SimulatedWorld, moment: str) -> None:
        if moment == TOO_LATE:
            return
        tables = {name.partition("-")[0]: world.tables.items(name) for name in world.tables.table_names()}
        open_ids = world.gateway.connection_ids()
        joined = [item for item in tables["Connections"] if "targetLanguage" in item]
        records = Counter(item["sessionId"]["S"] for item in joined)
        connected = Counter(item["sessionId"]["S"] for item in joined if item["connectionId"]["S"] in open_ids)
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
