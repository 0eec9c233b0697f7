"""How the speaker sounds: dynamics, clipping and silence; `test_noise.py` and `test_echo.py` have the rest."""

import numpy as np
import pytest
from audio_processor import limits
from audio_processor.sound import Sound

from tests.audio_transcription.recorded import FULL_SCALE, NAMES, heard, pcm, speech, tone


def test_dynamics_tell_loud_from_soft_and_fast_from_slow():
    sound = Sound()
    sound.add(pcm(tone(20_000, 1_000)), start_ms=0)
    sound.add(pcm(tone(300, 1_000)), start_ms=1_000)
    assert sound.dynamics(start_ms=0, end_ms=1_000, words=4) == {"volume": "loud", "rate": "fast"}
    assert sound.dynamics(start_ms=1_000, end_ms=2_000, words=1) == {"volume": "soft", "rate": "slow"}


@pytest.mark.parametrize(("gain", "volume"), [(0.2, "soft"), (1.0, "medium"), (4.0, "loud")])
def test_a_recording_is_medium_and_louder_or_softer_by_14_db_it_is_not(gain, volume):
    sound = heard(gain * speech(*NAMES))
    assert sound.dynamics(start_ms=200, end_ms=6_800, words=17) == {"volume": volume, "rate": "medium"}


def test_what_is_long_past_or_takes_no_time_has_no_dynamics():
    sound = Sound()
    sound.add(pcm(tone(300, 1_000)), start_ms=0)
    sound.add(pcm(tone(300, 1_000)), start_ms=limits.SOUND_KEPT_MS + 2_000)
    assert sound.dynamics(start_ms=0, end_ms=900, words=2) is None
    assert Sound().dynamics(start_ms=5, end_ms=5, words=1) is None


@pytest.mark.parametrize("chunk_bytes", [100, 1_000, 3_200, 24_000])
def test_the_length_of_chunks_changes_nothing(chunk_bytes):
    wave = speech(*NAMES)
    one, other = heard(wave, chunk_bytes=chunk_bytes), heard(wave, chunk_bytes=3_200)
    assert one.quality() == other.quality()
    assert one.measured_until_ms == other.measured_until_ms


@pytest.mark.parametrize("gain", [1, 3, 6, 12, 24])
def test_clipping_is_the_share_of_samples_at_full_scale_to_a_hundredth_of_a_percent(gain):
    wave = gain * speech(*NAMES)[:128_000]
    quality = heard(wave).quality()
    assert quality is not None
    assert quality.clipping_percent == pytest.approx(100 * (np.abs(np.rint(wave)) >= FULL_SCALE).mean(), abs=0.01)


def test_clipping_is_told_from_half_a_second_of_clipped_windows_on():
    """A window is clipped with more than 5 % of its samples at full scale."""
    wave = np.concatenate([speech(*NAMES)[:64_000], tone(500, 3_000)])
    for windows, issues in ((4, []), (5, ["clipping"])):
        loud = np.concatenate([wave, np.tile(np.repeat([FULL_SCALE, 0], [81, 1_519]), windows)])
        quality = heard(loud).quality()
        assert quality is not None
        assert (quality.clipped_windows, quality.issues()) == (windows, issues)
    quality = heard(np.concatenate([wave, np.tile(np.repeat([FULL_SCALE, 0], [80, 1_520]), 9)])).quality()
    assert quality is not None
    assert quality.clipped_windows == 0


def test_the_lowest_sample_is_at_full_scale_too():
    low = np.tile(np.repeat([-FULL_SCALE - 1, 0], [800, 800]), 50)
    quality = heard(low).quality()
    assert quality is not None
    assert quality.clipping_percent == 50


def test_silence_and_too_little_are_not_judged():
    assert heard(np.zeros(128_000)).quality() is None
    assert heard(speech(*NAMES)[: 16 * 4_900]).quality() is None
    assert heard(speech(*NAMES)[: 16 * 5_000]).quality() is not None


def test_silence_is_counted_until_something_is_heard():
    sound = heard(np.concatenate([speech("austen-0880")[:16_000], np.zeros(96_000)]))
    assert sound.silent_for_ms == 6_000
    sound.add(pcm(tone(8_000, 100)), start_ms=7_000)
    assert sound.silent_for_ms == 0


def test_a_pause_ends_the_silence_and_what_follows_begins_anew():
    sound = heard(np.zeros(80_000))
    sound.interrupt()
    sound.add(pcm(np.zeros(16_000)), start_ms=9_000)
    assert sound.silent_for_ms == 1_000


def test_a_successor_counts_the_silence_on():
    sound = Sound(quiet_since_ms=2_000)
    sound.add(pcm(np.zeros(16_000)), start_ms=6_000)
    assert sound.silent_for_ms == 5_000
