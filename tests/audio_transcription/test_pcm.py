"""Samples and volume."""

import pytest
from audio_processor.pcm import at_volume, dbfs, samples

from tests.audio_transcription.recorded import FULL_SCALE, pcm, speech, tone


def test_half_the_volume_halves_every_sample_to_the_nearest():
    wave = speech("austen-0880")
    halved = samples(at_volume(pcm(wave), 0.5)).astype(float)
    assert abs(halved - wave / 2).max() <= 0.5


def test_full_volume_changes_no_byte_and_none_is_silence_of_the_same_length():
    audio = pcm(tone(FULL_SCALE, 100))
    assert at_volume(audio, 1.0) is audio
    assert at_volume(audio, 0.0) == bytes(len(audio))


def test_full_scale_is_0_db_and_digital_silence_has_a_level():
    assert dbfs(FULL_SCALE**2) == 0
    assert dbfs(FULL_SCALE**2 / 100) == pytest.approx(-20)
    assert dbfs(0.0) < -90
