"""Any recording becomes 16 kHz mono PCM in chunks; what cannot be used is refused in one line."""

import json

import numpy as np
import pytest
import soundfile

from sandbox.client import recording


def test_a_stereo_recording_at_another_rate_is_mixed_and_resampled(tmp_path):
    """A second of 44.1 kHz stereo is a second of 16 kHz mono."""
    path = tmp_path / "tone.wav"
    tone = np.sin(np.linspace(0, 2 * np.pi * 440, 44_100)).astype("float32") * 0.5
    soundfile.write(path, np.stack([tone, tone], axis=1), 44_100)
    loaded = recording.load(path)
    assert abs(loaded.duration_ms - 1000) <= 1
    assert loaded.words == ()


def test_a_16_khz_mono_recording_keeps_its_samples(tmp_path):
    """Samples that need no change are not changed, or the fake could not know the recording by its audio."""
    path = tmp_path / "exact.wav"
    samples = np.arange(-3000, 3000, dtype="<i2")
    soundfile.write(path, samples, 16_000, subtype="PCM_16")
    assert recording.load(path).pcm == samples.tobytes()


def test_chunks_are_200_ms_and_lose_nothing(tmp_path):
    """Joined again, the chunks are the recording."""
    path = tmp_path / "exact.wav"
    soundfile.write(path, np.arange(4000, dtype="<i2"), 16_000, subtype="PCM_16")
    loaded = recording.load(path)
    chunks = list(loaded.chunks())
    assert [len(chunk) for chunk in chunks] == [6400, 1600]
    assert b"".join(chunks) == loaded.pcm


def test_words_are_read_in_milliseconds(tmp_path):
    """The file has seconds, the program integers."""
    path = tmp_path / "a.words.json"
    path.write_text(json.dumps({"words": [{"word": "and", "start": 0.2, "end": 0.37}]}))
    assert recording.load_words(path) == (recording.SpokenWord(word="and", start_ms=200, end_ms=370),)


@pytest.mark.parametrize("content", [None, b"not audio"])
def test_an_unusable_recording_is_one_line_with_the_next_step(tmp_path, content):
    """Missing and unreadable files are told apart from a crash."""
    path = tmp_path / "a.wav"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(recording.RecordingError, match="expected") as caught:
        recording.load(path)
    assert "\n" not in str(caught.value).strip()
