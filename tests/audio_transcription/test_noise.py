"""The signal-to-noise ratio, measured against ratios that are known."""

from math import log10

import numpy as np
import pytest
from audio_processor import limits
from audio_processor.noise import HOP, NoiseMeter

from tests.audio_transcription.recorded import NAMES, Wave, heard, pink, speech, tone, white, word_power

NOISES = {"white": white, "pink": pink}


def snr_db(wave: Wave) -> float:
    quality = heard(wave).quality()
    assert quality is not None
    assert quality.snr_db is not None
    return quality.snr_db


def known_db(added_db: float, own_db: float) -> float:
    """What is to be heard of noise added at a ratio, in a recording that has noise of its own."""
    return -10 * log10(10 ** (-added_db / 10) + 10 ** (-own_db / 10))


@pytest.mark.parametrize("kind", NOISES)
@pytest.mark.parametrize("added_db", [0, 5, 10, 15, 20])
@pytest.mark.parametrize("names", [NAMES, NAMES[::-1]])
def test_noise_added_to_recorded_speech_is_measured_within_2_5_db(kind, added_db, names):
    """The power of speech is that within the transcript's words; the noise is added to all of it."""
    wave = speech(*names)
    noise = NOISES[kind](len(wave), word_power(*names) / 10 ** (added_db / 10))
    assert snr_db(wave + noise) == pytest.approx(added_db, abs=2.5)


@pytest.mark.parametrize("kind", NOISES)
@pytest.mark.parametrize("added_db", [25, 30, 35, 40])
def test_noise_weaker_than_the_recordings_own_is_measured_with_it_within_2_5_db(kind, added_db):
    """The recordings themselves have about 33 dB: what is measured is the sum of both noises."""
    wave = speech(*NAMES)
    noise = NOISES[kind](len(wave), word_power(*NAMES) / 10 ** (added_db / 10))
    assert snr_db(wave + noise) == pytest.approx(known_db(added_db, snr_db(wave)), abs=2.5)


@pytest.mark.parametrize("known", [0, 10, 20, 30, 40])
def test_bursts_with_true_silence_between_them_are_measured_within_2_5_db_up_to_40(known):
    """A signal with no noise of its own: white bursts of 300 ms, 200 ms apart."""
    bursts = white(128_000, 1e6, seed=3) * (np.arange(128_000) % 8_000 < 4_800)
    assert snr_db(bursts + white(128_000, 1e6 / 10 ** (known / 10))) == pytest.approx(known, abs=2.5)


@pytest.mark.parametrize("kind", NOISES)
def test_more_noise_never_measures_better(kind):
    wave = speech(*NAMES)
    measured = [snr_db(wave + NOISES[kind](len(wave), word_power(*NAMES) / 10 ** (db / 10))) for db in range(0, 45, 5)]
    assert measured == sorted(measured)


@pytest.mark.parametrize("added_db", [5, 20])
def test_digital_silence_between_words_does_not_hide_the_noise_in_them(added_db):
    """As a gate or a codec leaves it: a quarter of the last 8 s is nothing at all."""
    wave = speech(*NAMES)
    wave += white(len(wave), word_power(*NAMES) / 10 ** (added_db / 10))
    gated = np.concatenate(
        [part for at in range(0, 96_000, 24_000) for part in (wave[at : at + 24_000], np.zeros(8_000))]
    )
    assert snr_db(gated) == pytest.approx(added_db, abs=2.5)


@pytest.mark.parametrize("names", [NAMES, NAMES[:1], NAMES[2:]])
def test_the_clean_recordings_are_no_issue(names):
    quality = heard(speech(*names)).quality()
    assert quality is not None
    assert (quality.snr_db or 0) > 25
    assert quality.issues() == []


@pytest.mark.parametrize("wave", [white(128_000, 1e6), pink(128_000, 1e6), tone(8_000, 8_000)])
def test_noise_or_a_tone_alone_has_no_voice_to_be_judged(wave):
    quality = heard(wave).quality()
    assert quality is not None
    assert (quality.snr_db, quality.echo, quality.issues()) == (None, None, [])


def test_speech_in_noise_at_5_db_is_an_issue_and_at_15_db_is_none():
    wave, power = speech(*NAMES), word_power(*NAMES)
    for db, issues in ((5, ["lowSignalToNoise"]), (15, [])):
        quality = heard(wave + white(len(wave), power / 10 ** (db / 10))).quality()
        assert quality is not None
        assert quality.issues() == issues


def test_it_does_not_matter_when_somebody_asks():
    """Windows are measured when they are asked for; across a break as well."""
    chance = np.random.default_rng(7)
    asked, silent = NoiseMeter(), NoiseMeter()
    for number in range(3 * limits.QUALITY_FRAMES):
        if number == 100:
            asked.interrupt()
            silent.interrupt()
        wave = chance.normal(0, 50 + number, 5 * HOP)
        asked.add(wave)
        silent.add(wave)
        asked.snr_db()
    assert asked.snr_db() == silent.snr_db()
