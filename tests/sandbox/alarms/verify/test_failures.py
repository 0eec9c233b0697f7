"""The failures are what they say: noise of that strength, clipping, and recognisers that never end."""

import numpy as np
import pytest

from fake_transcribe import recordings
from sandbox.alarms.verify import recognisers, sounds

VOICE = (3_000 * np.sin(np.arange(32_000) / 20)).astype("<i2").tobytes()


def samples(pcm: bytes) -> np.ndarray:
    return np.frombuffer(pcm, dtype="<i2").astype(float)


def test_noise_is_as_loud_as_asked_and_the_same_each_time():
    """10 dB below the voice's mean power."""
    noise = samples(sounds.noisy(VOICE, snr_db=10, seed=1)) - samples(VOICE)
    ratio = np.mean(samples(VOICE) ** 2) / np.mean(noise**2)
    assert 10 * np.log10(ratio) == pytest.approx(10, abs=0.2)
    assert sounds.noisy(VOICE, snr_db=10, seed=1) == sounds.noisy(VOICE, snr_db=10, seed=1)


def test_a_clipping_microphone_stays_at_full_scale():
    """Most samples of a voice times 20 are at one end or the other."""
    loud = samples(sounds.clipped(VOICE, gain=20))
    assert np.mean((loud == 32_767) | (loud == -32_768)) > 0.6


def test_backwards_twice_is_forwards():
    """And once is not."""
    assert sounds.backwards(sounds.backwards(VOICE)) == VOICE != sounds.backwards(VOICE)


@pytest.mark.parametrize("segments", [recognisers.storm, recognisers.orphans, recognisers.failing])
def test_each_recogniser_is_a_script_that_the_fake_takes(segments, tmp_path):
    """Written beside its recording and read again."""
    recognisers.install(tmp_path, "failure", VOICE, segments(recognisers.duration_of(VOICE)))
    loaded = recordings.load(tmp_path).scripts["failure"]
    assert loaded.segments == segments(2_000)


def test_more_results_are_orphaned_than_the_alarm_allows():
    """In 7 s, of which the first word may be lost to recognition."""
    made = recognisers.orphans(7_000)
    assert len(made) - 4 > 10
    assert {one.final for one in made} == {None}


def test_a_storm_is_twice_fifty_partials_a_second():
    """A hundred of which at most five are used."""
    (sentence,) = recognisers.storm(7_000)
    assert len([one for one in sentence.partials if 3_000 <= one.at_ms < 4_000]) == 50
    assert all(one.faults == {"duplicate": True} for one in sentence.partials)
