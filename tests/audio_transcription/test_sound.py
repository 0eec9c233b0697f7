"""How the speaker sounds."""

import math
from array import array

from audio_processor import limits, metric_names
from audio_processor.quality_watch import QualityWatch
from audio_processor.sound import Quality, Sound


def tone(amplitude: int, length_ms: int) -> bytes:
    wave = (round(amplitude * math.sin(at / 5)) for at in range(16 * length_ms))
    return array("h", (max(-32_767, min(32_767, one)) for one in wave)).tobytes()


def test_dynamics_tell_loud_from_soft_and_fast_from_slow():
    sound = Sound()
    sound.add(tone(20_000, 1_000), start_ms=0)
    sound.add(tone(300, 1_000), start_ms=1_000)
    assert sound.dynamics(start_ms=0, end_ms=1_000, words=4) == {"volume": "loud", "rate": "fast"}
    assert sound.dynamics(start_ms=1_000, end_ms=2_000, words=1) == {"volume": "soft", "rate": "slow"}


def test_what_is_long_past_or_takes_no_time_has_no_dynamics():
    sound = Sound()
    sound.add(tone(300, 1_000), start_ms=0)
    sound.add(tone(300, 1_000), start_ms=limits.SOUND_KEPT_MS + 2_000)
    assert sound.dynamics(start_ms=0, end_ms=900, words=2) is None
    assert Sound().dynamics(start_ms=5, end_ms=5, words=1) is None


def test_speech_with_pauses_has_a_high_ratio_and_no_issues():
    sound = Sound()
    for second in range(8):
        sound.add(tone(8_000, 700), start_ms=second * 1_000)
        sound.add(tone(40, 300), start_ms=second * 1_000 + 700)
    quality = sound.quality()
    assert quality is not None
    assert quality.snr_db > 40
    assert quality.issues() == []


def test_a_voice_in_noise_and_a_clipped_one_are_issues():
    assert Quality(snr_db=9.9, clipping_percent=5.1).issues() == ["lowSignalToNoise", "clipping"]
    sound = Sound()
    for second in range(8):
        sound.add(tone(90_000, 700), start_ms=second * 1_000)
        sound.add(tone(40, 300), start_ms=second * 1_000 + 700)
    quality = sound.quality()
    assert quality is not None
    assert quality.issues() == ["clipping"]


def test_silence_and_too_little_are_not_judged():
    sound = Sound()
    sound.add(bytes(32 * 7_900), start_ms=0)
    assert sound.quality() is None
    sound.add(bytes(32 * 100), start_ms=7_900)
    assert sound.quality() is None


class FakeMeter:
    def __init__(self) -> None:
        self.levels: list[str] = []

    def count(self, name: str, value: int = 1) -> None: ...

    def time(self, name: str, value_ms: int) -> None: ...

    def level(self, name: str, value: float, unit: str) -> None:
        self.levels.append(name)

    def flush(self) -> None: ...


def test_the_speaker_is_told_of_an_issue_once_a_minute():
    sound, meter = Sound(), FakeMeter()
    sound.add(tone(8_000, 8_000), start_ms=0)
    watch = QualityWatch(sound, meter)
    told = [[one["issue"] for one in watch.look(now_ms)] for now_ms in (0, 59_999, 60_000)]
    assert told == [["lowSignalToNoise"], [], ["lowSignalToNoise"]]
    assert meter.levels == [metric_names.AUDIO_SNR, metric_names.AUDIO_CLIPPING] * 3
