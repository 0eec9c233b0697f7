"""Scripts that are harder for a policy than the default model's: one knob or fault at a time. Pure."""

import dataclasses
from collections.abc import Callable, Sequence

from fake_transcribe.model import Knobs, make
from fake_transcribe.script import Script, Segment

LATER_MS = 1_500
ORPHAN_EVERY = 3

Change = Callable[[Segment, int], Segment]
"""A segment and its number among all segments of the comparison; the segment with its faults."""


def _as_made(segment: Segment, _number: int) -> Segment:
    return segment


def _late_final(segment: Segment, _number: int) -> Segment:
    assert segment.final is not None
    return dataclasses.replace(segment, final=dataclasses.replace(segment.final, at_ms=segment.final.at_ms + LATER_MS))


def _orphan(segment: Segment, number: int) -> Segment:
    """Without a final, every third."""
    return segment if number % ORPHAN_EVERY else dataclasses.replace(segment, final=None, spoken=segment.words)


def _every_other(fault: str) -> Change:
    """Every other partial with this fault."""

    def change(segment: Segment, _number: int) -> Segment:
        partials = tuple(
            dataclasses.replace(partial, faults={fault: True}) if place % 2 else partial
            for place, partial in enumerate(segment.partials)
        )
        return dataclasses.replace(segment, partials=partials)

    return change


DIFFICULTIES: dict[str, tuple[Knobs, Change]] = {
    "default": (Knobs(), _as_made),
    "frequent partials": (Knobs(cadence_ms=200), _as_made),
    "rare partials": (Knobs(cadence_ms=1_000), _as_made),
    "short tails": (Knobs(tails=(1, 2, 3), settle_ms=(200, 500, 1_000)), _as_made),
    "long tails": (Knobs(tails=(4, 6, 9), settle_ms=(1_500, 2_500, 4_000)), _as_made),
    "fragments and stops": (Knobs(fragment_share=0.5, spurious_stop_share=0.65), _as_made),
    "late finals": (Knobs(), _late_final),
    "orphans": (Knobs(), _orphan),
    "flags come and go": (Knobs(), _every_other("no_stability")),
    "partials repeated": (Knobs(), _every_other("duplicate")),
    "partials lost": (Knobs(), _every_other("drop")),
}


def scripts_of(scripts: Sequence[Script], seed: int, difficulty: str) -> list[Script]:
    """The same words, said by the model with these knobs and this seed, with the faults of a difficulty."""
    knobs, change = DIFFICULTIES[difficulty]
    made, number = [], 0
    for script in scripts:
        words = [word for segment in script.segments for word in segment.words]
        spoken = make(words, language=script.language, audio_sha256=script.audio_sha256, seed=seed, knobs=knobs)
        numbered = enumerate(spoken.segments, start=number)
        segments = tuple(change(segment, index + seed) for index, segment in numbered)
        number += len(segments)
        made.append(dataclasses.replace(spoken, segments=segments))
    return made
