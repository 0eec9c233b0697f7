"""Echo, measured against delays and attenuations that are known."""

import numpy as np
import pytest
from audio_processor.echo import Echo

from tests.audio_transcription.recorded import NAMES, Wave, echoed, heard, speech, tone, white, word_power


def echo(wave: Wave) -> Echo | None:
    quality = heard(wave).quality()
    return quality.echo if quality else None


@pytest.mark.parametrize("names", [NAMES, NAMES[::-1]])
@pytest.mark.parametrize("attenuation_db", [6, 10, 14])
@pytest.mark.parametrize("delay_ms", [10, 12.5, 20, 47, 100, 200, 350, 500])
def test_an_echo_is_found_to_the_sample_and_its_attenuation_within_2_db(names, delay_ms, attenuation_db):
    found = echo(echoed(speech(*names), delay_ms=delay_ms, attenuation_db=attenuation_db))
    assert found is not None
    assert found.delay_ms == pytest.approx(delay_ms, abs=1 / 16)
    assert found.attenuation_db == pytest.approx(attenuation_db, abs=2)
    assert found.confidence >= 0.75


@pytest.mark.parametrize("delay_ms", [20, 120, 400])
def test_an_echo_8_db_down_is_found_in_noise_at_20_db(delay_ms):
    wave = echoed(speech(*NAMES), delay_ms=delay_ms, attenuation_db=8)
    found = echo(wave + white(len(wave), word_power(*NAMES) / 100))
    assert found is not None
    assert found.delay_ms == pytest.approx(delay_ms, abs=1 / 16)


@pytest.mark.parametrize("names", [NAMES, NAMES[::-1], NAMES[:1], NAMES[1:], NAMES[2:]])
def test_the_clean_recordings_have_none(names):
    assert echo(speech(*names)) is None


@pytest.mark.parametrize("db", [0, 5, 10, 20])
def test_noise_makes_none(db):
    wave = speech(*NAMES)
    assert echo(wave + white(len(wave), word_power(*NAMES) / 10 ** (db / 10))) is None


def bursts(carrier: Wave) -> Wave:
    """With pauses of changing length, so that there is something like a voice."""
    pauses = np.sin(np.arange(len(carrier)) ** 1.1 / 9_000) > -0.3
    return carrier * pauses + white(len(carrier), 100)


@pytest.mark.parametrize("hertz", [50, 60, 97, 200, 300, 440, 1_000])
def test_a_tone_or_a_hum_with_all_its_harmonics_is_none(hertz):
    """A sound that repeats itself after 20 ms is no echo of itself."""
    overtones = range(1, int(7_800 / hertz))
    hum = np.sum([tone(4_000 / number, 9_000, hertz=hertz * number) for number in overtones], axis=0)
    for wave in (tone(8_000, 9_000, hertz=hertz), bursts(tone(8_000, 9_000, hertz=hertz)), hum, bursts(hum)):
        assert echo(wave) is None


def test_an_echo_outside_10_to_500_ms_is_not_ours():
    for delay_ms in (6, 520):
        assert echo(echoed(speech(*NAMES), delay_ms=delay_ms, attenuation_db=8)) is None


def test_an_echo_of_less_than_4_s_of_speech_is_not_told():
    assert echo(echoed(speech("austen-0880"), delay_ms=100, attenuation_db=6)) is None
