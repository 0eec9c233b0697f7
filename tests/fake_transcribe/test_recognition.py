"""A recording and the place in it are known by what a stream sounds like."""

from pathlib import Path

import numpy as np
import pytest

from fake_transcribe import recordings
from fake_transcribe.recognition import Heard, Library, Lost, Recogniser

SAMPLES = Path(__file__).resolve().parents[2] / "audio_samples"
PCM = {name: recordings.read_pcm(SAMPLES / f"{name}.wav") for name in ("austen-0870", "austen-0880", "austen-0890")}
LIBRARY = Library(PCM)


def hear(pcm: bytes, chunk: int = 3200) -> list:
    recogniser = Recogniser(LIBRARY)
    return [found for start in range(0, len(pcm), chunk) for found in recogniser.hear(pcm[start : start + chunk])]


def louder(pcm: bytes, gain: float) -> bytes:
    return np.clip(np.frombuffer(pcm, "<i2") * gain, -32768, 32767).astype("<i2").tobytes()


@pytest.mark.parametrize("start_ms", [0, 7, 1234, 3333, 5001])
@pytest.mark.parametrize("gain", [0.3, 1.0, 1.5])
def test_three_hundred_milliseconds_tell_the_recording_and_the_place(start_ms, gain):
    """A successor's stream starts in the middle; gain does not matter."""
    found = hear(louder(PCM["austen-0870"][start_ms * 32 :], gain))
    assert isinstance(found[0], Heard)
    assert found[0].recording == "austen-0870"
    assert found[0].stream_ms <= 50
    assert abs(found[0].recording_ms - found[0].stream_ms - start_ms) <= 20


def test_silence_before_the_speech_does_not_move_it():
    """The place is the recording's, the position the stream's."""
    found = hear(bytes(32 * 1000) + PCM["austen-0880"])
    assert abs(found[0].stream_ms - found[0].recording_ms - 1000) <= 20


def test_a_gap_in_the_middle_is_noticed_and_the_rest_found_again():
    """Two seconds of silence within a sentence: what was heard before is not heard again."""
    pcm = PCM["austen-0890"]
    found = hear(pcm[: 32 * 2000] + bytes(32 * 2000) + pcm[32 * 2000 :])
    assert isinstance(found[1], Lost)
    again = found[2]
    assert isinstance(again, Heard)
    assert abs(again.stream_ms - again.recording_ms - 2000) <= 20
    assert again.recording_ms >= 1900


def test_silence_behind_a_recordings_end_is_its_own_and_sound_is_not():
    """What the service says last of a recording, it says when it hears what follows."""
    pcm = PCM["austen-0880"]
    assert [type(one) for one in hear(pcm + bytes(32 * 4000))] == [Heard]
    noise = np.random.default_rng(1).integers(-8000, 8000, 16 * 1000).astype("<i2").tobytes()
    lost = hear(pcm + bytes(32 * 2000) + noise)[1]
    assert isinstance(lost, Lost)
    assert abs(lost.stream_ms - len(pcm) // 32 - 2000) <= 100


def test_recordings_one_after_another_are_each_found():
    """And a recording played twice is found twice."""
    found = hear(PCM["austen-0880"] + PCM["austen-0890"] + PCM["austen-0880"])
    assert [one.recording for one in found if isinstance(one, Heard)][:1] == ["austen-0880"]
    assert {one.recording for one in found if isinstance(one, Heard)} == {"austen-0880", "austen-0890"}
    assert [one.recording for one in found if isinstance(one, Heard)][-1] == "austen-0880"


def test_noise_is_no_recording():
    """Nothing is guessed."""
    assert hear(np.random.default_rng(3).normal(0, 2000, 48_000).astype("<i2").tobytes()) == []


@pytest.mark.parametrize("chunk", [100, 3200, 24_000])
def test_the_size_of_chunks_does_not_matter(chunk):
    """From 100 bytes to the contract's greatest."""
    assert next(one.recording for one in hear(PCM["austen-0880"], chunk) if isinstance(one, Heard)) == "austen-0880"
