"""The results of scripts as a recogniser would send them, for comparing policies. Pure."""

import itertools
from collections.abc import Iterable
from typing import Any

from fake_transcribe.player import Player
from fake_transcribe.recognition import Heard
from fake_transcribe.script import Script, Segment
from fake_transcribe.session import STABLE_FROM

STEP_MS = 100
GAP_MS = 18_000
"""Between one script and the next, so that every final has come and every orphan was given up."""


def arrivals(scripts: Iterable[Script], *, level: str | None) -> list[list[dict[str, Any]]]:
    """One stream a script, one after another in time: `[[{"at_ms", "result_id", "is_partial", "items"}, …], …]`.

    `level` is the stabilisation asked for, or None for results without flags.
    """
    streams, offset_ms = [], 0
    for script in scripts:
        stream, length_ms = _stream(script, offset_ms, level)
        streams.append(stream)
        offset_ms += length_ms + GAP_MS
    return streams


def _stream(script: Script, offset_ms: int, level: str | None) -> tuple[list[dict[str, Any]], int]:
    numbers = itertools.count()
    player = Player(
        scripts={"script": script},
        draw_id=lambda: f"r{next(numbers)}",
        stable_from=STABLE_FROM[level] if level is not None else None,
    )
    player.begin(Heard(recording="script", stream_ms=0, recording_ms=0))
    last_ms = max(segment.final.at_ms if segment.final else segment.words[-1].end_ms for segment in script.segments)
    sent: list[dict[str, Any]] = []
    for position_ms in range(0, last_ms + STEP_MS, STEP_MS):
        for event in player.play(position_ms):
            items = [_item(item, offset_ms) for item in event.result["Alternatives"][0]["Items"]]
            about = {"at_ms": position_ms + offset_ms, "result_id": event.result["ResultId"], "items": items}
            times = 0 if event.faults.get("drop") else 2 if event.faults.get("duplicate") else 1
            sent += [{**about, "is_partial": event.is_partial}] * times
    sent += [_lost(segment, offset_ms) for segment in script.segments if segment.final is None]
    return sent, last_ms


def _lost(segment: Segment, offset_ms: int) -> dict[str, Any]:
    """The words of an orphan, which were spoken and never became final."""
    words = segment.words
    return {
        "at_ms": words[-1].end_ms + offset_ms,
        "result_id": "orphan",
        "is_partial": False,
        "lost": True,
        "items": [[word.word, False, word.start_ms + offset_ms, word.end_ms + offset_ms, None] for word in words],
    }


def _item(item: dict[str, Any], offset_ms: int) -> list[Any]:
    stable = item.get("Stable")
    start_ms, end_ms = (round(item[name] * 1000) + offset_ms for name in ("StartTime", "EndTime"))
    stability = None if stable is None else float(stable)
    return [item["Content"], item["Type"] == "punctuation", start_ms, end_ms, stability]
