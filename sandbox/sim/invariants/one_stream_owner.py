"""One stream at a time has a session's audio: once a new one has been given some, the old one gets no more."""

from sandbox.client.recording import CHUNK_MS
from sandbox.gateway.observer import digest
from sandbox.journal import Event
from sandbox.sim.invariants.checker import Watching
from sandbox.sim.plan import Plan

ON_ITS_WAY_MS = 500
"""What the old worker had sent before the new one began may arrive a little later."""


class OneStreamOwner(Watching):
    """Follows the newest stream of each speaker."""

    name = "one_stream_owner"

    def __init__(self, plan: Plan) -> None:
        super().__init__(plan)
        self._speaker = {
            digest(chunk): number
            for number, speaker in enumerate(plan.speakers)
            for chunk in speaker.talk.recording.chunks(CHUNK_MS)
            if any(chunk)
        }
        self._streams: dict[int, list[tuple[str, int]]] = {}

    def note(self, event: Event) -> None:
        if event["kind"] != "transcribe.audio" or event["digest"] not in self._speaker:
            return
        streams = self._streams.setdefault(self._speaker[event["digest"]], [])
        known = [stream_id for stream_id, _ in streams]
        if event["streamId"] not in known:
            streams.append((event["streamId"], event["t_ms"]))
        elif event["streamId"] != known[-1] and event["t_ms"] > streams[-1][1] + ON_ITS_WAY_MS:
            late_ms = event["t_ms"] - streams[-1][1]
            self.found(event["t_ms"], f"an old stream was given audio {late_ms} ms after a new one had begun")
