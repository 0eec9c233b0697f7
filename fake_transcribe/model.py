"""The default model: what a recogniser of this kind would say of known words, from one seed. Pure.

No public recording of the service has `Stable` flags with times, so their progression is this documented model: the
last
words of a hypothesis are unstable, how many depends on the level (`transcribe-wire.md` 4 and 9).
"""

import hashlib
import itertools
import json
import random
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from fake_transcribe.script import Final, Partial, Script, Segment, Word

LAG_QUANTILES = ((0.0, 780.0), (0.5, 1136.0), (0.95, 1527.0), (0.99, 1897.0), (1.0, 2200.0))
"""Speech end to final: median 1136, p95 1527, p99 1897 ms (pipecat's benchmark, 2026-06); the ends are assumed."""


@dataclass(frozen=True, kw_only=True)
class Knobs:
    """The model's parameters; `knobs_hash` names them in reports."""

    cadence_ms: int = 500
    heard_after_ms: int = 60
    split_pause_ms: int = 600
    longest_segment_ms: int = 12_000
    comma_pause_ms: int = 250
    fragment_share: float = 0.15
    spurious_stop_share: float = 0.25
    settle_ms: tuple[int, int, int] = (500, 1_000, 2_000)
    tails: tuple[int, int, int] = (2, 3, 5)
    repeats_last: bool = True


STABILITY = (0.3, 0.6, 0.8, 0.95)
"""Of a word in the tail of `high`, of `medium`, of `low`, and beyond all of them."""


def knobs_hash(knobs: Knobs) -> str:
    """A short name for these parameters."""
    return hashlib.sha256(json.dumps(asdict(knobs), sort_keys=True).encode()).hexdigest()[:12]


def final_lag_ms(chance: random.Random) -> int:
    """One draw of the time from the end of speech to its final, by straight lines between the known quantiles."""
    drawn = chance.random()
    for (low, low_ms), (high, high_ms) in itertools.pairwise(LAG_QUANTILES):
        if drawn <= high:
            return round(low_ms + (high_ms - low_ms) * (drawn - low) / (high - low))
    return round(LAG_QUANTILES[-1][1])


def make(words: Sequence[Word], *, language: str, audio_sha256: str, seed: int, knobs: Knobs | None = None) -> Script:
    """The script of a recording with these words."""
    knobs = knobs or Knobs()
    chance = random.Random(seed)
    return Script(
        language=language,
        audio_sha256=audio_sha256,
        segments=tuple(_segment(group, chance, knobs) for group in split(words, knobs)),
        model={"name": "default", "seed": seed, "knobs": knobs_hash(knobs)},
    )


def split(words: Sequence[Word], knobs: Knobs) -> list[list[Word]]:
    """The words in segments: split at long pauses, and before a segment becomes too long."""
    groups: list[list[Word]] = []
    for word in words:
        if (
            not groups
            or word.start_ms - groups[-1][-1].end_ms >= knobs.split_pause_ms
            or word.end_ms - groups[-1][0].start_ms > knobs.longest_segment_ms
        ):
            groups.append([])
        groups[-1].append(word)
    return groups


def _segment(words: list[Word], chance: random.Random, knobs: Knobs) -> Segment:
    written = _written(words, knobs)
    end_ms = words[-1].end_ms
    final = Final(at_ms=end_ms + final_lag_ms(chance), text=" ".join(written), words=tuple(words))
    partials: list[Partial] = []
    first_seen: dict[int, int] = {}
    last_ms = end_ms + knobs.heard_after_ms + (knobs.cadence_ms if knobs.repeats_last else 0)
    at_ms = words[0].start_ms + knobs.cadence_ms
    while at_ms <= min(last_ms, final.at_ms - 1):
        heard = [index for index, word in enumerate(words) if word.end_ms + knobs.heard_after_ms <= at_ms]
        for index in heard:
            first_seen.setdefault(index, at_ms)
        if heard:
            partials.append(_partial(written, words, len(heard), at_ms, first_seen, chance, knobs))
        at_ms += knobs.cadence_ms
    return Segment(partials=tuple(partials), final=final)


def _partial(
    written: list[str],
    words: list[Word],
    count: int,
    at_ms: int,
    first_seen: dict[int, int],
    chance: random.Random,
    knobs: Knobs,
) -> Partial:
    texts = [*written[: count - 1], written[count - 1].rstrip(".,")]
    whole = count == len(words)
    fragment = texts[-1][: max(1, len(texts[-1]) // 2)]
    if not whole and chance.random() < knobs.fragment_share and len(texts[-1]) > 2:
        texts[-1] = fragment
    elif chance.random() < knobs.spurious_stop_share:
        texts[-1] += "."
    stability = [_stability(index, count, at_ms - first_seen[index], knobs) for index in range(count)]
    return Partial(at_ms=at_ms, text=" ".join(texts), stability=tuple(stability))


def _stability(index: int, count: int, age_ms: int, knobs: Knobs) -> float:
    """By the word's place from the end and its age: the most demanding level that it satisfies."""
    from_end = count - 1 - index
    satisfied = 0
    for tail, settle_ms in zip(knobs.tails, knobs.settle_ms, strict=True):
        if from_end < tail or age_ms < settle_ms:
            break
        satisfied += 1
    return STABILITY[satisfied]


def _written(words: list[Word], knobs: Knobs) -> list[str]:
    """The words as a sentence: a capital first, commas at short pauses, a full stop last."""
    texts = [word.word for word in words]
    for index, (word, following) in enumerate(itertools.pairwise(words)):
        if following.start_ms - word.end_ms >= knobs.comma_pause_ms:
            texts[index] += ","
    texts[0] = texts[0][:1].upper() + texts[0][1:]
    texts[-1] += "."
    return texts
