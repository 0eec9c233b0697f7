"""Policies that decide which words are said on. Each takes timed results and gives timed texts.

Sources: `transcribe-wire.md` section 8: finals only and every partial are the extremes; score at sentence end is the
rule of
the system that this product replaces; LocalAgreement-2 and hold-1 are the literature's; the oracle knows the future.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from partial_results.config import PartialResultsConfig
from partial_results.events import Item, Result
from partial_results.outputs import Correction, Output
from partial_results.processor import PartialResultProcessor
from partial_results.text import words_of, written

DEDUP_TTL_MS = 10_000
AGE_FALLBACK_MS = 3_000
SENTENCE_SCORE = 0.85


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """One result when it arrived."""

    at_ms: int
    result: Result


@dataclass(frozen=True, kw_only=True)
class Said:
    """Words that were forwarded, and when; `corrects` names the `sequence` of earlier words that `text` replaces."""

    at_ms: int
    text: str
    sequence: int | None = None
    corrects: int | None = None


Policy = Callable[[Sequence[Arrival]], list[Said]]


def finals_only(arrivals: Sequence[Arrival]) -> list[Said]:
    """Wait for each final."""
    return [Said(at_ms=one.at_ms, text=written(one.result.items)) for one in arrivals if not one.result.is_partial]


def every_partial(arrivals: Sequence[Arrival]) -> list[Said]:
    """Forward whatever comes."""
    return [Said(at_ms=one.at_ms, text=written(one.result.items)) for one in arrivals]


def score_at_sentence_end(arrivals: Sequence[Arrival]) -> list[Said]:
    """The whole text when its first item's score passes and it ends like a sentence; repeats of a text are dropped.

    A result older than three seconds goes out with its next partial; a final always does.
    """
    said: list[Said] = []
    seen: dict[str, int] = {}
    began: dict[str, int] = {}
    for one in arrivals:
        result, text = one.result, written(one.result.items)
        began_ms = began.setdefault(result.result_id, one.at_ms)
        scored = bool(result.items) and (result.items[0].stability or 0.0) >= SENTENCE_SCORE
        ends = text.endswith((".", "?", "!"))
        old = one.at_ms - began_ms >= AGE_FALLBACK_MS
        if result.is_partial and not (scored and ends) and not old:
            continue
        key = " ".join(item.folded for item in words_of(result.items))
        if key and one.at_ms - seen.get(key, -DEDUP_TTL_MS) >= DEDUP_TTL_MS:
            said.append(Said(at_ms=one.at_ms, text=text))
        seen[key] = one.at_ms
        began[result.result_id] = one.at_ms if old else began_ms
    return said


def local_agreement(arrivals: Sequence[Arrival]) -> list[Said]:
    """LocalAgreement-2: the common beginning of two hypotheses that follow one another."""
    return _prefix_policy(arrivals, _agreed)


def hold_one(arrivals: Sequence[Arrival]) -> list[Said]:
    """Everything but the last word."""
    return _prefix_policy(arrivals, lambda _before, words: max(0, len(words) - 1))


def stable_prefix(arrivals: Sequence[Arrival], config: PartialResultsConfig | None = None) -> list[Said]:
    """The core itself, its deadlines met."""
    core = PartialResultProcessor(config or PartialResultsConfig(max_rate_per_second=100))
    said: list[Said] = []
    for one in arrivals:
        while core.next_deadline_ms is not None and core.next_deadline_ms <= one.at_ms:
            due_ms = core.next_deadline_ms
            said += _segments(core.tick(due_ms), due_ms)
        said += _segments(core.receive(one.result, one.at_ms), one.at_ms)
    last_ms = arrivals[-1].at_ms if arrivals else 0
    return said + _segments(core.finish(last_ms), last_ms)


def oracle(arrivals: Sequence[Arrival]) -> list[Said]:
    """Each word at the first moment from which it stays right: what nobody can beat without guessing."""
    finals = {one.result.result_id: words_of(one.result.items) for one in arrivals if not one.result.is_partial}
    said: list[Said] = []
    for result_id, truth in finals.items():
        history = [
            (one.at_ms, [item.folded for item in words_of(one.result.items)])
            for one in arrivals
            if one.result.result_id == result_id
        ]
        reached_ms = 0
        for index, word in enumerate(truth):
            right_ms = history[-1][0]
            for at_ms, words in reversed(history):
                if index >= len(words) or words[index] != word.folded:
                    break
                right_ms = at_ms
            reached_ms = max(reached_ms, right_ms)
            said.append(Said(at_ms=reached_ms, text=word.text))
    return sorted(said, key=lambda one: one.at_ms)


POLICIES: dict[str, Policy] = {
    "finals only": finals_only,
    "every partial": every_partial,
    "score at sentence end": score_at_sentence_end,
    "LocalAgreement-2": local_agreement,
    "hold-1": hold_one,
    "stable prefix (ours)": stable_prefix,
    "oracle": oracle,
}


def _segments(outputs: Sequence[Output], at_ms: int) -> list[Said]:
    return [
        Said(
            at_ms=at_ms,
            text=one.text,
            sequence=one.sequence,
            corrects=one.corrects if isinstance(one, Correction) else None,
        )
        for one in outputs
    ]


def _agreed(before: list[Item], words: list[Item]) -> int:
    length = 0
    while length < min(len(before), len(words)) and before[length].folded == words[length].folded:
        length += 1
    return length


def _prefix_policy(arrivals: Sequence[Arrival], length_of: Callable[[list[Item], list[Item]], int]) -> list[Said]:
    """Append-only commits of a prefix of each result; the final commits the rest by place."""
    said: list[Said] = []
    committed: dict[str, int] = {}
    before: dict[str, list[Item]] = {}
    for one in arrivals:
        words = words_of(one.result.items)
        key = one.result.result_id
        reached = len(words) if not one.result.is_partial else length_of(before.get(key, []), words)
        done = committed.get(key, 0)
        if reached > done:
            said.append(Said(at_ms=one.at_ms, text=" ".join(word.text for word in words[done:reached])))
            committed[key] = reached
        before[key] = words
    return said
