"""The default model keeps its promises: stable words never change, lags are the published ones, seeds repeat."""

import random
from pathlib import Path

import pytest

from fake_transcribe import script
from fake_transcribe.errors import ScriptError
from fake_transcribe.model import STABILITY, Knobs, final_lag_ms, make, split
from fake_transcribe.recordings import audio_sha256
from fake_transcribe.script import Word

SAMPLES = Path(__file__).resolve().parents[2] / "audio_samples"
NAMES = ("austen-0870", "austen-0880", "austen-0890")


def words(count: int, *, pause_after: int | None = None) -> list[Word]:
    made, at_ms = [], 200
    for index in range(count):
        made.append(Word(word=f"word{index}", start_ms=at_ms, end_ms=at_ms + 300))
        at_ms += 300 + (700 if index == pause_after else 20)
    return made


@pytest.mark.parametrize("seed", range(20))
def test_a_word_once_stable_stays_stable_and_keeps_its_text(seed):
    """T-29, at every level: `Stable` never goes back, and a stable item's text is frozen."""
    made = make(words(25), language="en-US", audio_sha256="x", seed=seed)
    for threshold in STABILITY[1:]:
        stable: dict[int, str] = {}
        for partial in made.segments[0].partials:
            for index, (text, stability) in enumerate(zip(partial.text.split(), partial.stability, strict=True)):
                if index in stable:
                    assert stability >= threshold
                    assert text == stable[index]
                elif stability >= threshold:
                    stable[index] = text


def test_final_lags_have_the_published_quantiles():
    """T-30: median 1136, p95 1527, p99 1897 ms."""
    chance = random.Random(7)
    lags = sorted(final_lag_ms(chance) for _ in range(20_000))
    for quantile, expected in ((0.5, 1136), (0.95, 1527), (0.99, 1897)):
        assert lags[int(quantile * len(lags))] == pytest.approx(expected, rel=0.02)


def test_the_same_seed_makes_the_same_script_and_another_does_not():
    """A script can be made again."""
    one, same, other = (make(words(12), language="en-US", audio_sha256="x", seed=seed) for seed in (1, 1, 2))
    assert one == same != other


def test_a_long_pause_splits_and_so_does_a_long_segment():
    """T-31: at 600 ms of pause, and before a segment passes its length."""
    assert [len(group) for group in split(words(6, pause_after=2), Knobs())] == [3, 3]
    assert all(
        group[-1].end_ms - group[0].start_ms <= Knobs().longest_segment_ms for group in split(words(100), Knobs())
    )


@pytest.mark.parametrize("name", NAMES)
def test_the_committed_scripts_are_what_the_model_makes(name):
    """Seed 1 of the default model, translations aside; and each is of its recording."""
    import json

    committed = script.load(SAMPLES / f"{name}.script.yaml")
    document = json.loads((SAMPLES / f"{name}.words.json").read_text())
    spoken = [
        Word(
            word=one["word"], start_ms=round(one["start"] * 1000), end_ms=round(one["end"] * 1000),
            confidence=one["confidence"],
        )
        for one in document["words"]
    ]  # fmt: skip
    made = make(spoken, language=document["language"], audio_sha256=audio_sha256(SAMPLES / f"{name}.wav"), seed=1)
    assert [one.partials for one in made.segments] == [one.partials for one in committed.segments]
    assert [one.final for one in made.segments] == [one.final for one in committed.segments]
    assert made.audio_sha256 == committed.audio_sha256
    assert all({"es", "fr"} <= one.translations.keys() for one in committed.segments)


def test_a_script_written_and_read_is_the_same():
    """YAML there and back."""
    made = make(words(5), language="en-US", audio_sha256="x", seed=3)
    import yaml

    assert script.parse(yaml.safe_load(script.dump(made)), "here") == made


@pytest.mark.parametrize(
    ("document", "text"),
    [
        ([], "expected a mapping"),
        ({"language": "en-US", "audio_sha256": "x"}, "expected segments, got none"),
        ({"language": "en-US", "audio_sha256": "x", "segments": 5}, "segments: expected a list, got int"),
        ({"language": "en-US", "audio_sha256": "x", "segments": [{"partials": [{"at_ms": -1, "text": "a"}]}]},
         "segments[0]: partials[0]: at_ms: expected milliseconds, a whole number from 0, got -1"),
        ({"language": "en-US", "audio_sha256": "x",
          "segments": [{"partials": [{"at_ms": 1, "text": "a b", "stability": [1]}]}]},
         "expected one stability from 0 to 1 for each of 2 words"),
        ({"language": "en-US", "audio_sha256": "x",
          "segments": [{"partials": [{"at_ms": 1, "text": "a", "faults": {"explode": 1}}]}]}, "got explode"),
    ],
)  # fmt: skip
def test_a_malformed_script_is_one_line_with_its_place(document, text):
    """What was expected, what came, where."""
    with pytest.raises(ScriptError) as caught:
        script.parse(document, "a.script.yaml")
    assert text in str(caught.value)
    assert "\n" not in str(caught.value)
