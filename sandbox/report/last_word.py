"""Where in its result a segment's last word stands: by the result's name and the order of its segments. Pure.

The core commits a result piece by piece, so a segment's words begin where those of the segment before it ended. The
first segment of a result begins with the result, unless an earlier stream had said some of it: then its words are
looked for, and not found where they are there twice.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sandbox.journal import Event
from sandbox.text import fold


@dataclass(frozen=True, kw_only=True)
class LastWord:
    """The word's number in the result, and the first events in which it stands there, and is stable there."""

    index: int
    heard: Event
    stable: Event | None


def find(results: Sequence[Event], text: str, *, after: int, begins_there: bool, released_ms: int) -> LastWord | None:
    """The last word of `text` in a result's events, oldest first; None where it cannot be told.

    `after`: how many of the result's words belong to segments before; `begins_there`: whether this one begins with the
    next.
    """
    known = [event for event in results if event["t_ms"] <= released_ms]
    words = fold(text)
    if not known or not words:
        return None
    said = [word for word, _ in _words(known[-1])]
    places = [start for start in range(after, len(said) - len(words) + 1) if said[start : start + len(words)] == words]
    if begins_there and after in places:
        places = [after]
    if len(places) != 1:
        return None
    index = places[0] + len(words) - 1
    standing = [event for event in known if _at(event, index)[0] == words[-1]]
    stable = [event for event in standing if _at(event, index)[1]]
    return LastWord(index=index, heard=standing[0], stable=stable[0] if stable else None)


def _words(event: Event) -> list[tuple[str, bool]]:
    final = event["kind"] == "transcribe.final"
    return [(folded, stable or final) for text, stable in event["words"] for folded in fold(text)]


def _at(event: Event, index: int) -> tuple[str, bool]:
    words = _words(event)
    return words[index] if index < len(words) else ("", False)
