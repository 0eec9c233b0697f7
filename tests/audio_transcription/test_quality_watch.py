"""Metrics and warnings of the sound."""

import numpy as np
from audio_processor import metric_names
from audio_processor.notices import Notices
from audio_processor.quality_watch import QualityWatch
from audio_processor.sound import Sound

from tests.audio_transcription.recorded import NAMES, Wave, heard, speech, tone, white, word_power


class FakeMeter:
    def __init__(self) -> None:
        self.levels: list[tuple[str, str]] = []

    def count(self, name: str, value: int = 1) -> None: ...

    def time(self, name: str, value_ms: int) -> None: ...

    def level(self, name: str, value: float, unit: str) -> None:
        self.levels.append((name, unit))

    def flush(self) -> None: ...


def watch_of(sound: Sound, notices: Notices | None = None) -> tuple[QualityWatch, FakeMeter]:
    meter = FakeMeter()
    return QualityWatch(sound=sound, meter=meter, notices=notices or Notices({})), meter


def noisy() -> Wave:
    wave = speech(*NAMES)
    return wave + white(len(wave), word_power(*NAMES) / 2)


def test_each_issue_is_told_at_most_once_a_minute_whichever_worker_looks():
    sound, notices = heard(noisy()), Notices({})
    told = []
    for now_ms in (0, 59_999, 60_000):
        # A successor begins with what the checkpoint says.
        notices = Notices(notices.told_at_ms)
        watch, _ = watch_of(sound, notices)
        told.append([one["issue"] for one in watch.look(now_ms)])
    assert told == [["lowSignalToNoise"], [], ["lowSignalToNoise"]]


def test_one_issue_does_not_hide_another():
    sound, notices = heard(noisy()), Notices({"quality clipping": 0})
    watch, _ = watch_of(sound, notices)
    assert [one["issue"] for one in watch.look(10)] == ["lowSignalToNoise"]


def test_the_metrics_have_the_names_and_units_of_their_alarms_and_are_given_once_for_the_same_sound():
    watch, meter = watch_of(heard(speech(*NAMES)))
    watch.look(0)
    watch.look(2_500)
    assert meter.levels == [(metric_names.AUDIO_SNR, "None"), (metric_names.AUDIO_CLIPPING, "Percent")]


def test_a_tone_has_no_ratio_that_could_raise_an_alarm():
    watch, meter = watch_of(heard(tone(8_000, 9_000)))
    assert watch.look(0) == []
    assert meter.levels == [(metric_names.AUDIO_CLIPPING, "Percent")]


def test_silence_is_told_when_it_lasts_longer_than_5_s():
    for length_ms, issues in ((5_000, []), (5_100, ["silence"])):
        watch, meter = watch_of(heard(np.zeros(16 * length_ms)))
        told = watch.look(0)
        assert [one["issue"] for one in told] == issues
        assert meter.levels == []
    assert told[0]["details"] == {"silentMs": 5_100}


def test_a_warning_says_what_was_measured():
    sound = heard(np.concatenate([speech(*NAMES) * 20]))
    (told,) = watch_of(sound)[0].look(0)
    assert told["type"] == "audioQualityWarning"
    assert told["issue"] == "clipping"
    assert set(told["details"]) == {"clippingPercent", "snrDb"}
    assert told["details"]["clippingPercent"] > 5


def test_an_echo_is_told_with_its_delay():
    wave = speech(*NAMES)
    again = np.concatenate([np.zeros(16 * 250), wave[: -16 * 250]])
    (told,) = watch_of(heard(wave + 0.4 * again))[0].look(0)
    assert told["issue"] == "echo"
    assert told["details"]["echoDelayMs"] == 250
