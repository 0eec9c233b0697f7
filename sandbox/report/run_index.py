"""A run's journal by the ids that tie its events together. Pure.

A segment's own line in the worker's log (`segment released`, with its reason, the result that said it, and the chunk
that carried its last word) ties what a client sent to what a listener reads, as it does in CloudWatch Logs.
"""

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sandbox.journal import Event

RELEASED = "segment released"
"""The message of a segment's line in the worker's log."""
_TROUBLE = ("WARNING", "ERROR", "CRITICAL")


@dataclass(kw_only=True)
class Invocations:
    """What the journal has of one request id: its handler's beginnings and ends, one each attempt, and its dropping."""

    begins: list[Event] = field(default_factory=list)
    ends: list[Event] = field(default_factory=list)
    dropped: list[Event] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Said:
    """A structured line of a function's log about a segment: its fields, when and where it was written."""

    t_ms: int
    function: str
    fields: dict[str, Any]


class RunIndex:
    """Each part by its id; built once for all segments of a run."""

    def __init__(self, events: Iterable[Event]) -> None:
        self.began_ms: int | None = None
        self.forwarded: dict[str, list[Event]] = defaultdict(list)
        self.released: dict[str, Said] = {}
        self.trouble: dict[str, list[Said]] = defaultdict(list)
        self.results: dict[str, list[Event]] = defaultdict(list)
        self.invocations: dict[str, Invocations] = defaultdict(Invocations)
        self.invoked_by: dict[tuple[str, str], str] = {}
        self.chunks: dict[tuple[str, int], list[Event]] = defaultdict(list)
        self.heard: dict[tuple[str, str], list[Event]] = defaultdict(list)
        self.posted: dict[str, list[Event]] = defaultdict(list)
        self.read: dict[str, list[Event]] = defaultdict(list)
        self.has_readers = False
        for event in events:
            self._take(event)

    def segment_ids(self) -> list[str]:
        """Every segment that was released or sent to translation, as sessions began and in order of its number."""
        first = dict.fromkeys([*self.released, *self.forwarded])
        sessions = {session: place for place, session in enumerate(dict.fromkeys(_session(one) for one in first))}
        return sorted(first, key=lambda one: (sessions[_session(one)], _number(one)))

    def _take(self, event: Event) -> None:
        match event["kind"]:
            case "run.began":
                self.began_ms = event["atMs"]
            case "segment.forwarded":
                self.forwarded[event["segmentId"]].append(event)
            case "transcribe.partial" | "transcribe.final":
                self.results[event["resultId"]].append(event)
            case "transcribe.audio":
                self.heard[event["streamId"], event["digest"]].append(event)
            case "gateway.frame_in" if "digest" in event and "seq" in event:
                self.chunks[event["connectionId"], event["seq"]].append(event)
            case "gateway.integration" if "integrationRequestId" in event:
                self.invoked_by[event["connectionId"], event["requestId"]] = event["integrationRequestId"]
            case "gateway.frame_out" if "segmentId" in event:
                self.posted[event["segmentId"]].append(event)
            case "client.translation":
                self.has_readers = True
                self.read[event["segmentId"]].append(event)
            case "lambda.end":
                self.invocations[event["requestId"]].ends.append(event)
            case "lambda.event_dropped":
                self.invocations[event["requestId"]].dropped.append(event)
            case "lambda.log":
                self._take_line(event)

    def _take_line(self, event: Event) -> None:
        line = event["line"]
        if line.startswith("START RequestId: ") and "requestId" in event:
            self.invocations[event["requestId"]].begins.append(event)
        elif line.startswith("{") and '"segmentId"' in line:
            fields = _fields(line)
            said = Said(t_ms=event["t_ms"], function=event["function"], fields=fields)
            if fields.get("message") == RELEASED:
                self.released[fields["segmentId"]] = said
            elif fields.get("level") in _TROUBLE:
                self.trouble[fields["segmentId"]].append(said)


def _fields(line: str) -> dict[str, Any]:
    """A structured line's fields; none for one that only looks so."""
    try:
        document = json.loads(line)
    except ValueError:
        return {}
    return document if isinstance(document, dict) and isinstance(document.get("segmentId"), str) else {}


def _session(segment_id: str) -> str:
    return segment_id.rpartition("-")[0]


def _number(segment_id: str) -> int:
    number = segment_id.rpartition("-")[2]
    return int(number) if number.isdecimal() else 0
