"""A recording that is not in the repository gets a script of its own; what does not fit is refused in one line."""

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from fake_transcribe import recordings
from sandbox.client.recording import RecordingError
from sandbox.demo.own_recording import install
from sandbox.demo.plan import plan_samples

ROOT = Path(__file__).resolve().parents[3]


def given(tmp_path: Path, words) -> tuple[Path, Path]:
    """A second of noise in stereo at 44.1 kHz, and a words file."""
    noise = np.random.default_rng(5).normal(0, 0.1, (44_100, 2)).astype("float32")
    soundfile.write(tmp_path / "mine.wav", noise, 44_100)
    (tmp_path / "mine.json").write_text(json.dumps({"words": words}))
    return tmp_path / "mine.wav", tmp_path / "mine.json"


def test_any_recording_becomes_one_that_the_fake_knows(tmp_path):
    """Mixed, resampled, with a script of the default model."""
    audio, words = given(tmp_path, [{"word": "hello", "start": 0.1, "end": 0.5}])
    assert install(audio, tmp_path / "own", words=words) == "mine"
    loaded = recordings.load(tmp_path / "own")
    final = loaded.scripts["mine"].segments[0].final
    assert final is not None
    assert final.text == "Hello."
    assert abs(loaded.library.duration_ms("mine") - 1000) <= 2


@pytest.mark.parametrize(
    "words",
    [
        [],
        [{"word": "hello"}],
        [{"word": "hello", "start": 0.5, "end": 0.4}],
        [{"word": "hello", "start": -0.1, "end": 0.4}],
        [{"word": "well", "start": 0.5, "end": 0.6}, {"word": "hello", "start": 0.1, "end": 0.2}],
        [{"word": "hello", "start": 0.9, "end": 1.1}],
    ],
)
def test_words_that_cannot_be_used_are_one_line(tmp_path, words):
    """None, without times, backwards, before the beginning, out of order, or past the recording's end."""
    audio, path = given(tmp_path, words)
    with pytest.raises(RecordingError, match="expected") as caught:
        install(audio, tmp_path / "own", words=path)
    assert "\n" not in str(caught.value)


def test_recordings_are_placed_one_after_another():
    """Played twice, the second begins where the first ends."""
    plan = plan_samples(ROOT / "audio_samples", ["austen-0880", "austen-0890"], listen=["es"], repeat=2)
    assert [at_ms for at_ms, _ in plan.placed()] == [0, 2990, 8290, 11_280]
    assert plan.duration_ms == 16_580
