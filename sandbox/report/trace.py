"""One segment's way through all hops, from a run's journal, finished or going on. Pure.

Ids tie the hops together. What they do not tell is not guessed: it is a gap, in words.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sandbox.journal import Event
from sandbox.report.last_word import LastWord, find
from sandbox.report.run_index import Invocations, RunIndex, Said

REASONS = {
    "clause": "a clause's end was stable",
    "wait": "its first word had been stable for as long as words wait",
    "pause": "nothing new was said",
    "buffer": "its first word had been held for as long as words may be",
    "final": "the result was final",
    "orphan": "the result's final did not come",
    "finish": "the stream ended",
    "correction": "the final has other words than were released",
}
"""The core's rules, as its log names them, in words."""


@dataclass(frozen=True, kw_only=True)
class Trace:
    """A segment's hops, `{"t_ms", "hop", …}` in order of time since the run began, and what of its way is not known."""

    segment_id: str
    text: str
    hops: list[dict[str, Any]]
    gaps: list[str]


@dataclass(kw_only=True)
class _Way:
    hops: list[dict[str, Any]] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)

    def passed(self, t_ms: int, hop: str, **about: Any) -> None:
        self.hops.append({"t_ms": t_ms, "hop": hop, **{name: one for name, one in about.items() if one is not None}})


def traces(events: Iterable[Event]) -> list[Trace]:
    """Every segment of a run, session by session and in order of its number."""
    run = RunIndex(events)
    words = _last_words(run)
    return [_trace(run, segment_id, words.get(segment_id)) for segment_id in run.segment_ids()]


def _trace(run: RunIndex, segment_id: str, word: LastWord | None) -> Trace:
    way, released = _Way(), run.released.get(segment_id)
    if released is None:
        way.gaps.append("how it came about is not known: the worker's log has no line 'segment released' of it")
    else:
        _before_release(run, way, released, word)
        reason = str(released.fields.get("reason", ""))
        released_ms = _released_ms(run, segment_id)
        way.passed(released_ms, "released by the core", reason=reason, why=REASONS.get(reason))
    _translation(run, way, segment_id)
    for event in run.posted.get(segment_id, []):
        way.passed(
            event["t_ms"], "posted to a listener", connectionId=event["connectionId"], language=event.get("language")
        )
    for event in run.read.get(segment_id, []):
        way.passed(
            event["t_ms"], "read by a listener", listener=event["listener"], language=event.get("language"),
            text=event.get("text"),
        )  # fmt: skip
    for said in run.trouble.get(segment_id, []):
        way.passed(said.t_ms, "trouble", function=said.function, **_trouble(said))
    _delivery_gaps(run, way, segment_id)
    way.hops.sort(key=lambda row: int(row["t_ms"]))
    return Trace(segment_id=segment_id, text=_text(run, segment_id), hops=way.hops, gaps=way.gaps)


# before the release


def _before_release(run: RunIndex, way: _Way, released: Said, word: LastWord | None) -> None:
    fields = released.fields
    results = run.results.get(fields["resultId"], [])
    if "seq" in fields:
        _chunk(run, way, fields["connectionId"], fields["seq"], results[0]["streamId"] if results else "")
    else:
        way.gaps.append("its last chunk is not known: the worker held it no more when it released the words")
    if fields.get("reason") == "correction":
        for event in results:
            if event["kind"] == "transcribe.final":
                way.passed(event["t_ms"], "final result", resultId=fields["resultId"], streamId=event["streamId"])
        return
    if word is None:
        way.gaps.append("its last word cannot be told from others in Transcribe's result")
        return
    way.passed(word.heard["t_ms"], "last word heard", resultId=fields["resultId"], streamId=word.heard["streamId"])
    if word.stable is not None:
        final = word.stable["kind"] == "transcribe.final"
        way.passed(word.stable["t_ms"], "last word final" if final else "last word stable", resultId=fields["resultId"])
    else:
        way.gaps.append("its last word was never stable")


def _chunk(run: RunIndex, way: _Way, connection_id: str, seq: int, stream_id: str) -> None:
    chunks = run.chunks.get((connection_id, seq), [])
    if not chunks:
        way.gaps.append(f"chunk {seq} is not in this run")
        return
    if len(chunks) > 1:
        way.gaps.append(f"chunk {seq} was sent {len(chunks)} times: the first is shown")
    chunk = chunks[0]
    way.passed(chunk["t_ms"], "last chunk at the gateway", connectionId=connection_id, seq=seq)
    request_id = run.invoked_by.get((connection_id, chunk["requestId"]))
    if request_id is not None:
        _handler(way, "ingest", run.invocations[request_id], request_id)
    else:
        way.gaps.append(f"the ingest handler's invocation with chunk {seq} has not ended")
    heard = run.heard.get((stream_id, chunk["digest"]), [])
    if len(heard) == 1:
        way.passed(heard[0]["t_ms"], "last chunk at Transcribe", streamId=stream_id, positionMs=heard[0]["positionMs"])
    else:
        found = "was not found" if not heard else "is there more than once"
        way.gaps.append(f"the sound of chunk {seq} {found} on its stream (volume, mute, silence)")


def _last_words(run: RunIndex) -> dict[str, LastWord]:
    """By segment: the last words of all, result by result, since a segment begins where the one before it ended."""
    found: dict[str, LastWord] = {}
    ended: dict[str, int | None] = {}
    streams: dict[str, str] = {}
    for segment_id in run.segment_ids():
        released = run.released.get(segment_id)
        if released is None or released.fields.get("reason") == "correction":
            continue
        result_id = released.fields["resultId"]
        results = run.results.get(result_id, [])
        if not results:
            continue
        first_stream = streams.setdefault(released.fields["sessionId"], results[0]["streamId"])
        after = ended.get(result_id, 0)
        begins_there = after is not None and (result_id in ended or results[0]["streamId"] == first_stream)
        word = find(
            results, _text(run, segment_id), after=after or 0, begins_there=begins_there,
            released_ms=_released_ms(run, segment_id),
        )  # fmt: skip
        ended[result_id] = word.index + 1 if word is not None else None
        if word is not None:
            found[segment_id] = word
    return found


# the release and what follows


def _released_ms(run: RunIndex, segment_id: str) -> int:
    """The worker's own moment where the segment was sent on, else its line's."""
    for event in run.forwarded.get(segment_id, []):
        if run.began_ms is not None:
            return int(event["releasedAtMs"]) - run.began_ms
    return run.released[segment_id].t_ms


def _text(run: RunIndex, segment_id: str) -> str:
    forwarded = run.forwarded.get(segment_id)
    return str(forwarded[0]["sourceText"]) if forwarded else ""


def _translation(run: RunIndex, way: _Way, segment_id: str) -> None:
    forwarded = run.forwarded.get(segment_id, [])
    if not forwarded:
        way.gaps.append("it was not sent to translation")
    for event in forwarded:
        request_id = event["requestId"]
        way.passed(event["t_ms"], "sent to translation", requestId=request_id)
        invocations = run.invocations.get(request_id, Invocations())
        _handler(way, "translation", invocations, request_id)
        for dropped in invocations.dropped:
            way.passed(dropped["t_ms"], "given up by Lambda", requestId=request_id, reason=dropped["condition"])
        if not invocations.ends and not invocations.dropped:
            way.gaps.append("its translation has not ended" if invocations.begins else "its translation has not begun")


def _handler(way: _Way, name: str, invocations: Invocations, request_id: str) -> None:
    for event in invocations.begins:
        way.passed(event["t_ms"], f"{name} begins", function=event["function"], requestId=request_id)
    for event in invocations.ends:
        way.passed(
            event["t_ms"], f"{name} ends" if event["status"] == "ok" else f"{name} fails", function=event["function"],
            requestId=request_id, durationMs=event["durationMs"], status=event["status"],
        )  # fmt: skip


def _trouble(said: Said) -> dict[str, Any]:
    """What a handler's warning or error says; never its traceback."""
    shown = ("level", "message", "language", "connectionId", "reason", "exception_name")
    return {name: said.fields[name] for name in shown if name in said.fields}


def _delivery_gaps(run: RunIndex, way: _Way, segment_id: str) -> None:
    if not run.forwarded.get(segment_id):
        return
    posted = {event["connectionId"] for event in run.posted.get(segment_id, [])}
    readers = {event["listener"] for event in run.read.get(segment_id, [])}
    if not posted:
        way.gaps.append("it was posted to nobody: nobody listened, or every language failed")
    elif run.has_readers and len(readers) < len(posted):
        way.gaps.append(f"it was posted to {len(posted)} listeners, {len(readers)} of them say that they read it")
