"""Without a fault a session's audio goes on to Transcribe within a few seconds, across every change of hands."""

from collections import defaultdict

from sandbox.journal import Event
from sandbox.sim.invariants.checker import Watching
from sandbox.sim.plan import Plan

LONGEST_STOP_MS = 3_700
"""A late chunk is waited for 2 s. A lease that nobody gave away lasts for at least 4 s more."""
BREAK_MS = 2_000
"""After a break as long as this, a worker may have to be started first."""


class AudioFlows(Watching):
    """Follows each speaker's sound: since when some of it has waited, and whether any of it went on."""

    name = "audio_flows"
    liveness = True
    sees = ("gateway.frame_in", "transcribe.audio")

    def __init__(self, plan: Plan) -> None:
        super().__init__(plan)
        self._speaker = {sound: speaker.name for speaker in plan.speakers for sound in speaker.sounds}
        self._came_ms: dict[str, int] = {}
        self._waits_since_ms: dict[str, int | None] = defaultdict(lambda: None)

    def note(self, event: Event) -> None:
        if self.provoked or event["kind"] not in ("gateway.frame_in", "transcribe.audio"):
            return
        speaker = self._speaker.get(event.get("digest", ""))
        if speaker is None:
            return
        now_ms, since_ms = event["t_ms"], self._waits_since_ms[speaker]
        if event["kind"] == "gateway.frame_in":
            goes_on = now_ms - self._came_ms.get(speaker, -BREAK_MS) < BREAK_MS
            self._came_ms[speaker] = now_ms
            if since_ms is None and goes_on:
                self._waits_since_ms[speaker] = now_ms
            return
        if since_ms is not None and now_ms - since_ms > LONGEST_STOP_MS:
            self.found(now_ms, f"for {now_ms - since_ms} ms nothing that {speaker} said went on to a stream")
        self._waits_since_ms[speaker] = None
