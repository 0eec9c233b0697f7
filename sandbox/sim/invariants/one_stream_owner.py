"""One stream at a time has a session's audio: what is said once a new one has been given some, no old one is given.

Of what was said before, an old stream may still have some on its way: the service reads a backlog no faster than it was
spoken, and whatever the old worker had sent is read to its end, though nobody listens to what is said of it any more.
"""

from sandbox.journal import Event
from sandbox.sim.invariants.checker import Watching
from sandbox.sim.plan import Plan

UNNOTICED_MS = 500
"""With faults on, a worker may have lost its lease without having noticed: what it was about to receive goes into its
stream. Where nothing fails, whoever begins a stream has the lease, and nobody else receives."""


class OneStreamOwner(Watching):
    """Follows the newest stream of each speaker."""

    name = "one_stream_owner"
    sees = ("gateway.frame_in", "transcribe.audio")

    def __init__(self, plan: Plan) -> None:
        super().__init__(plan)
        self._speaker = {sound: number for number, speaker in enumerate(plan.speakers) for sound in speaker.sounds}
        self._streams: dict[int, list[tuple[str, int]]] = {}
        self._said_ms: dict[str, int] = {}

    def note(self, event: Event) -> None:
        if event["kind"] == "gateway.frame_in" and event.get("digest") in self._speaker:
            self._said_ms.setdefault(event["digest"], event["t_ms"])
        if event["kind"] != "transcribe.audio" or event["digest"] not in self._speaker:
            return
        streams = self._streams.setdefault(self._speaker[event["digest"]], [])
        known = [stream_id for stream_id, _ in streams]
        if event["streamId"] not in known:
            streams.append((event["streamId"], event["t_ms"]))
        elif event["streamId"] != known[-1]:
            late_ms = self._said_ms[event["digest"]] - streams[-1][1]
            if late_ms > (UNNOTICED_MS if self.provoked else 0):
                text = f"an old stream was given audio that was said {late_ms} ms after a new one had begun"
                self.found(event["t_ms"], text)
