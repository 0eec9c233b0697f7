"""What a request asked to have in its results: channels, speakers, languages, filtered words, other sample rates."""

import numpy as np
import pytest

from fake_transcribe.request import Parameters
from fake_transcribe.session import SendResult, Session
from fake_transcribe.vocabulary import filtered
from tests.fake_transcribe.served import LOADED, final_of, pcm_of

SESSION_ID = "11111111-2222-4333-8444-555555555555"


def results(pcm: bytes, *, filter_words=(), **asked):
    """Everything that a stream of this audio gets, in real time."""
    parameters = Parameters(
        **{"sample_rate_hz": 16_000, "language": "en-US", "stability": "high", "session_id": SESSION_ID, **asked}
    )
    session = Session(
        library=LOADED.library, scripts=LOADED.scripts, parameters=parameters, started_ms=0, seed=1,
        filter_words=filter_words,
    )  # fmt: skip
    step = parameters.sample_rate_hz // 10 * 2 * parameters.channels
    outputs, now_ms = [], 0
    for start in range(0, len(pcm), step):
        now_ms += 100
        outputs += session.audio(pcm[start : start + step], now_ms)
    session.end(now_ms)
    outputs += session.tick(now_ms + 1000)
    return [one.result for one in outputs if isinstance(one, SendResult)]


def finals(found):
    return [one for one in found if not one["IsPartial"]]


def at_rate(pcm: bytes, rate_hz: int):
    import soxr

    samples = np.frombuffer(pcm, dtype="<i2").astype(np.float32)
    return np.clip(soxr.resample(samples, 16_000, rate_hz), -32768, 32767).astype("<i2").tobytes()


@pytest.mark.parametrize("rate_hz", [8_000, 22_050, 44_100, 48_000])
def test_every_sample_rate_is_heard_with_the_same_words_at_the_same_times(rate_hz):
    """T-24: to a few milliseconds, which resampling takes."""
    (final,) = finals(results(at_rate(pcm_of("austen-0880"), rate_hz), sample_rate_hz=rate_hz))
    assert final["Alternatives"][0]["Transcript"] == final_of("austen-0880")
    words = LOADED.scripts["austen-0880"].segments[0].words
    times = [item["StartTime"] for item in final["Alternatives"][0]["Items"] if item["Type"] == "pronunciation"]
    assert times == pytest.approx([word.start_ms / 1000 for word in words], abs=0.03)


def test_two_channels_are_two_transcripts():
    """Each with its channel's name, its own result ids and its own words."""
    left, right = (np.frombuffer(pcm_of(name), dtype="<i2") for name in ("austen-0880", "austen-0890"))
    both = np.zeros((max(len(left), len(right)), 2), dtype="<i2")
    both[: len(left), 0], both[: len(right), 1] = left, right
    found = results(both.tobytes(), channels=2)
    said = {one["ChannelId"]: one["Alternatives"][0]["Transcript"] for one in finals(found)}
    assert said == {"ch_0": final_of("austen-0880"), "ch_1": final_of("austen-0890")}
    assert len({(one["ChannelId"], one["ResultId"]) for one in found}) == 2


def test_speakers_are_named_in_finals_only():
    """Scripts know of one speaker."""
    found = results(pcm_of("austen-0880"), speaker_labels=True)
    for one in found:
        named = {item.get("Speaker") for item in one["Alternatives"][0]["Items"] if item["Type"] == "pronunciation"}
        assert named == ({None} if one["IsPartial"] else {"0"})


def test_a_language_that_is_asked_for_is_in_results_after_three_seconds():
    """Not before, and never when the request names its language."""
    found = results(pcm_of("austen-0870"), language=None)
    assert "LanguageCode" not in found[0]
    assert found[-1]["LanguageCode"] == "en-US"
    assert found[-1]["LanguageIdentification"] == [{"LanguageCode": "en-US", "Score": 1.0}]
    assert not any("LanguageCode" in one for one in results(pcm_of("austen-0880")))


@pytest.mark.parametrize(
    ("method", "said", "items"),
    [
        ("mask", "He was not an *** disposed young man.", ["***", False]),
        ("remove", "He was not an disposed young man.", None),
        ("tag", "He was not an ill disposed young man.", ["ill", True]),
    ],
)
def test_filtered_words_are_masked_removed_or_tagged(method, said, items):
    """In partials and finals; the transcript follows."""
    found = results(pcm_of("austen-0880"), filter_words={"ill"}, filter_method=method)
    (final,) = finals(found)
    alternative = final["Alternatives"][0]
    assert alternative["Transcript"] == said
    marked = [[one["Content"], one["VocabularyFilterMatch"]] for one in alternative["Items"]]
    assert (items in marked) if items else not any(content == "ill" for content, _ in marked)
    partials = [one["Alternatives"][0]["Transcript"] for one in found if one["IsPartial"]]
    assert any("ill" in text.split() for text in partials) == (method == "tag")


def test_a_result_without_a_filter_is_the_same_object():
    """Nothing is copied for nothing."""
    result = finals(results(pcm_of("austen-0880")))[0]
    assert filtered(result, (), "mask") is result


def test_audio_in_an_encoding_that_is_not_decoded_is_taken_and_says_nothing():
    """Ogg and FLAC streams get heartbeats."""
    assert results(pcm_of("austen-0880"), encoding="flac") == []
