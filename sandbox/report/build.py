"""`report.json`: the figures of one run, made from its journal alone."""

from collections import Counter
from typing import Any

from sandbox.journal import Event
from sandbox.report.distribution import distribution, quantile
from sandbox.report.timeline import Timeline, per_word, timeline
from sandbox.report.words import Comparison, compare
from sandbox.text import fold

STEADY_AFTER_MS = 2000
"""`audio_to_transcribe` leaves out the chunks of the session's first two seconds, whose wait is `stream_start`."""


def build(events: list[Event], *, run_began_ms: int, model: dict[str, Any]) -> dict[str, Any]:
    """The contract's `report.json` for a run whose `t_ms` 0 is `run_began_ms`."""
    gathered = timeline(events, run_began_ms=run_began_ms)
    comparisons = {name: _comparison(gathered, name) for name in gathered.received}
    return {
        "run": {"began_ms": run_began_ms},
        "latency_ms": {name: distribution(values) for name, values in _latencies(gathered).items()},
        "counts": _counts(events, gathered, list(comparisons.values())),
        "baseline_finals_only": {"word_to_forward": _finals_only(gathered)},
        "listeners": {
            name: {
                "language": gathered.languages[name],
                "segments": len(gathered.received[name]),
                "omitted_words": comparison.omitted,
                "duplicated_words": comparison.duplicated,
                "wrong_words": comparison.wrong,
            }
            for name, comparison in comparisons.items()
        },
        "model": model,
    }


def is_whole(report: dict[str, Any]) -> bool:
    """There was a listener, and every listener got every word once."""
    listeners = report["listeners"].values()
    return bool(listeners) and all(
        listener[name] == 0 for listener in listeners for name in ("omitted_words", "duplicated_words", "wrong_words")
    )


def _comparison(gathered: Timeline, listener: str) -> Comparison:
    arrived = [word for line in gathered.received[listener] for word in fold(line.source_text)]
    return compare([moment.word for moment in gathered.spoken], arrived)


def _latencies(gathered: Timeline) -> dict[str, list[int]]:
    spoken = gathered.spoken
    segments = [segment for segment in gathered.segments if segment.corrects is None]
    forwarded = per_word([(segment.source_text, segment.forwarded_ms) for segment in segments], spoken)
    stable = per_word([(word.word, word.stable_ms) for word in gathered.stream_words if word.stable_ms], spoken)
    to_listener: list[int] = []
    delivery: list[int] = []
    sent = {segment.sequence: segment.forwarded_ms for segment in segments}
    for lines in gathered.received.values():
        moments = per_word([(line.source_text, line.received_ms) for line in lines], spoken)
        to_listener += [at_ms - spoken[index].ended_ms for index, at_ms in moments.items()]
        delivery += [line.received_ms - sent[line.sequence] for line in lines if line.sequence in sent]
    first_ms = gathered.chunk_delays[0][0] if gathered.chunk_delays else 0
    return {
        "word_to_listener": to_listener,
        "word_to_forward": [at_ms - spoken[index].ended_ms for index, at_ms in forwarded.items()],
        "stable_to_forward": [at_ms - stable[index] for index, at_ms in forwarded.items() if index in stable],
        "release_to_forward": [segment.forwarded_ms - segment.released_ms for segment in segments],
        "audio_to_transcribe": [
            delay_ms for arrived_ms, delay_ms in gathered.chunk_delays if arrived_ms >= first_ms + STEADY_AFTER_MS
        ],
        "forward_to_listener": delivery,
        "stream_start": gathered.stream_starts,
    }


def _finals_only(gathered: Timeline) -> dict[str, Any]:
    """The same run had only finals been forwarded: each word leaves with its final, as fast as this run forwarded."""
    overhead = sorted(segment.forwarded_ms - segment.released_ms for segment in gathered.segments)
    typical_ms = quantile(overhead, 0.5) if overhead else 0
    finals = [(word.word, word.final_ms) for word in gathered.stream_words if word.final_ms is not None]
    spoken = gathered.spoken
    moments = per_word(finals, spoken)
    shape = distribution(at_ms + typical_ms - spoken[index].ended_ms for index, at_ms in moments.items())
    return {"p50": shape["p50"], "p95": shape["p95"]}


def _counts(events: list[Event], gathered: Timeline, comparisons: list[Comparison]) -> dict[str, int]:
    kinds = Counter(event["kind"] for event in events)
    metrics: Counter[str] = Counter()
    for event in events:
        if event["kind"] == "metric":
            metrics[event["name"]] += event["sum"]
    return {
        "audio_chunks": sum(1 for event in events if event["kind"] == "gateway.frame_in" and "digest" in event),
        "partials": kinds["transcribe.partial"],
        "finals": kinds["transcribe.final"],
        "segments": sum(1 for segment in gathered.segments if segment.corrects is None),
        "corrections": sum(1 for segment in gathered.segments if segment.corrects is not None),
        "orphans_flushed": metrics["OrphanedResults"],
        "rate_limited": metrics["PartialResultsDropped"],
        "redelivered": metrics["AudioChunksRedelivered"],
        "handovers": metrics["Handovers"],
        "duplicated_words": sum(comparison.duplicated for comparison in comparisons),
        "omitted_words": sum(comparison.omitted for comparison in comparisons),
        "wrong_words": sum(comparison.wrong for comparison in comparisons),
    }
