"""The moments of each spoken word, gathered from a run's journal.

Times are the journal's `t_ms`. A word's own moment is its end in the audio as streamed.
"""

from collections import defaultdict, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any

from sandbox.journal import Event
from sandbox.report.words import compare
from sandbox.text import fold


@dataclass(frozen=True, kw_only=True)
class SpokenMoment:
    """One spoken word and when its last sample was streamed."""

    word: str
    ended_ms: int


@dataclass(frozen=True, kw_only=True)
class Segment:
    """One forwarded segment: when the core released it and when its translation was accepted."""

    segment_id: str
    sequence: int
    source_text: str
    released_ms: int
    forwarded_ms: int
    corrects: str | None


@dataclass(kw_only=True)
class StreamWord:
    """One word of a Transcribe result: when it was first stable and when its final was sent."""

    word: str
    stable_ms: int | None
    final_ms: int | None


@dataclass(frozen=True, kw_only=True)
class Received:
    """One translation as one listener got it (repeats left out)."""

    sequence: int
    source_text: str
    received_ms: int


@dataclass(kw_only=True)
class Timeline:
    """Everything the latency figures are made of."""

    spoken: list[SpokenMoment] = field(default_factory=list)
    segments: list[Segment] = field(default_factory=list)
    stream_words: list[StreamWord] = field(default_factory=list)
    received: dict[str, list[Received]] = field(default_factory=dict)
    languages: dict[str, str] = field(default_factory=dict)
    chunk_delays: list[tuple[int, int]] = field(default_factory=list)
    stream_starts: list[int] = field(default_factory=list)


def spoken_words(events: Iterable[Event]) -> list[SpokenMoment]:
    """The words of every recording played, from `client.stream_began` and `client.recording`."""
    began: dict[str, int] = {}
    spoken = []
    for event in events:
        if event["kind"] == "client.stream_began":
            began[event["sessionId"]] = event["t_ms"]
        elif event["kind"] == "client.recording":
            base_ms = began[event["sessionId"]] + event["atAudioMs"]
            for text, _start_ms, end_ms in event["words"]:
                spoken += [SpokenMoment(word=word, ended_ms=base_ms + end_ms) for word in fold(text)]
    return spoken


def forwarded_segments(events: Iterable[Event], run_began_ms: int) -> list[Segment]:
    """Each segment once (the first time it was accepted), in the order of `sequence`."""
    segments: dict[str, Segment] = {}
    for event in events:
        if event["kind"] == "segment.forwarded" and event["segmentId"] not in segments:
            segments[event["segmentId"]] = Segment(
                segment_id=event["segmentId"],
                sequence=event["sequence"],
                source_text=event["sourceText"],
                released_ms=event["releasedAtMs"] - run_began_ms,
                forwarded_ms=event["t_ms"],
                corrects=event.get("correctionOf"),
            )
    return sorted(segments.values(), key=lambda segment: segment.sequence)


def transcribed_words(events: Iterable[Event]) -> list[StreamWord]:
    """The words of every result in the order of the results' first events."""
    results: dict[tuple[str, str], list[StreamWord]] = {}
    for event in events:
        if event["kind"] not in ("transcribe.partial", "transcribe.final"):
            continue
        final = event["kind"] == "transcribe.final"
        held = results.setdefault((event["streamId"], event["resultId"]), [])
        words = [(folded, stable) for text, stable in event["words"] for folded in fold(text)]
        del held[len(words) :]
        for index, (word, stable) in enumerate(words):
            if index == len(held):
                held.append(StreamWord(word=word, stable_ms=None, final_ms=None))
            held[index].word = word
            if held[index].stable_ms is None and (stable or final):
                held[index].stable_ms = event["t_ms"]
            if final:
                held[index].final_ms = event["t_ms"]
    return [word for words in results.values() for word in words]


def chunk_delays(events: Iterable[Event]) -> tuple[list[tuple[int, int]], list[int]]:
    """For each chunk (arrival at the gateway, delay to the Transcribe stream); and the first chunk's delay a session.

    Chunks are paired by the digest of their audio, in order where the same audio was sent more than once.
    """
    waiting: dict[str, deque[int]] = defaultdict(deque)
    delays: list[tuple[int, int]] = []
    for event in sorted(events, key=itemgetter("t_ms")):
        if event["kind"] == "gateway.frame_in" and "digest" in event:
            waiting[event["digest"]].append(event["t_ms"])
        elif event["kind"] == "transcribe.audio" and waiting[event["digest"]]:
            arrived_ms = waiting[event["digest"]].popleft()
            delays.append((arrived_ms, event["t_ms"] - arrived_ms))
    return delays, [delays[0][1]] if delays else []


def received_translations(events: Iterable[Event]) -> tuple[dict[str, list[Received]], dict[str, str]]:
    """What each listener got, corrections put in the corrected segment's place; and each listener's language."""
    held: dict[str, dict[str, Received]] = defaultdict(dict)
    languages: dict[str, str] = {}
    for event in events:
        if event["kind"] == "client.listener_joined":
            languages[event["listener"]] = event["language"]
            held.setdefault(event["listener"], {})
        elif event["kind"] == "client.translation" and event["new"]:
            key = event.get("correctionOf") or event["segmentId"]
            before = held[event["listener"]].get(key)
            held[event["listener"]][key] = Received(
                sequence=before.sequence if before else event["sequence"],
                source_text=event["sourceText"],
                received_ms=before.received_ms if before else event["t_ms"],
            )
    ordered = {name: sorted(lines.values(), key=lambda line: line.sequence) for name, lines in held.items()}
    return ordered, languages


def timeline(events: list[Event], *, run_began_ms: int) -> Timeline:
    """Gather everything; `run_began_ms` is the epoch of `t_ms` 0."""
    received, languages = received_translations(events)
    delays, starts = chunk_delays(events)
    return Timeline(
        spoken=spoken_words(events),
        segments=forwarded_segments(events, run_began_ms),
        stream_words=transcribed_words(events),
        received=received,
        languages=languages,
        chunk_delays=delays,
        stream_starts=starts,
    )


def per_word(texts_and_moments: list[tuple[str, int]], spoken: list[SpokenMoment]) -> dict[int, int]:
    """For each spoken word that arrived, the moment of the text that carried it (the first, where several did)."""
    arrived: list[tuple[str, int]] = [(word, at_ms) for text, at_ms in texts_and_moments for word in fold(text)]
    matched = compare([moment.word for moment in spoken], [word for word, _ in arrived]).matched
    moments: dict[int, Any] = {}
    for spoken_index, arrived_index in matched:
        moments.setdefault(spoken_index, arrived[arrived_index][1])
    return moments
