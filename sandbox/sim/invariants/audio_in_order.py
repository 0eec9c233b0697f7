"""Accepted audio reaches Transcribe in order and, within one stream, once; what is left out is counted.

A worker tells its counts every few seconds. What one that is lost had not yet told dies with it, as on Lambda: chunks
that its stream had passed over need not be counted, also where it had ended that stream since.
"""

from collections import Counter

from sandbox.journal import Event
from sandbox.sim.invariants.checker import Violation, Watching
from sandbox.sim.plan import Plan

LEFT_OUT_METRICS = ("AudioChunksLost", "AudioChunksDropped")
"""Chunks that did not come in time, and those that no stream took while Transcribe refused."""
TOLD_EVERY_MS = 5_000
"""How often a worker tells its counts (`METRICS_EVERY_MS`)."""


class AudioInOrder(Watching):
    """Follows each chunk by the digest of its audio, but for those that are silent and so all alike."""

    name = "audio_in_order"
    sees = ("gateway.frame_in", "transcribe.audio", "metric", "transcribe.stream_closed", "lambda.end")

    def __init__(self, plan: Plan) -> None:
        super().__init__(plan)
        self._place = {
            sound: (number, seq)
            for number, speaker in enumerate(plan.speakers)
            for sound, seq in speaker.sounds.items()
        }
        self._accepted: set[str] = set()
        self._reached: Counter[str] = Counter()
        self._last: dict[str, tuple[int, int]] = {}
        self._left_out = 0
        self._closed_ms: dict[str, int] = {}
        self._untold: set[str] = set()

    def note(self, event: Event) -> None:
        match event["kind"]:
            case "gateway.frame_in" if event.get("digest") in self._place:
                self._accepted.add(event["digest"])
            case "transcribe.audio" if event["digest"] in self._place:
                self._reach(event)
            case "metric" if event["name"] in LEFT_OUT_METRICS:
                self._left_out += event["sum"]
            case "transcribe.stream_closed":
                self._closed_ms[event["streamId"]] = event["t_ms"]
            case "lambda.end" if event["status"] != "ok" and event["function"].startswith("audio-processor"):
                self._worker_lost(event["t_ms"])

    def _worker_lost(self, now_ms: int) -> None:
        """Streams that closed since it may last have told its counts were the lost environment's."""
        for stream, closed_ms in self._closed_ms.items():
            if closed_ms > now_ms - TOLD_EVERY_MS and stream in self._last:
                speaker, seq = self._last[stream]
                self._untold |= {
                    name
                    for name in self._accepted
                    if not self._reached[name] and self._place[name][0] == speaker and self._place[name][1] < seq
                }

    def _reach(self, event: Event) -> None:
        self._reached[event["digest"]] += 1
        speaker, seq = self._place[event["digest"]]
        before = self._last.get(event["streamId"])
        if before is not None and before[0] != speaker:
            self.found(event["t_ms"], f"one stream has audio of two speakers: {before[0] + 1} and {speaker + 1}")
        elif before is not None and seq <= before[1]:
            self.found(event["t_ms"], f"chunk {seq} reached a stream after chunk {before[1]}")
        self._last[event["streamId"]] = (speaker, seq)

    def violations(self) -> list[Violation]:
        missing = sum(1 for name in self._accepted - self._untold if not self._reached[name])
        if self.whole and missing > self._left_out:
            text = f"{missing} accepted chunks never reached a stream, {self._left_out} were counted as left out"
            return [*super().violations(), Violation(at_ms=0, text=text)]
        return super().violations()
