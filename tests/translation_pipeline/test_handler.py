"""Each language in use is translated once and posted to its listeners; one language's failure touches no other."""

import base64
import json

import pytest
from translation_processor import cache, translate
from translation_processor.errors import LanguagesFailedError
from translation_processor.handler import handler
from translation_processor.limits import FRAME_BYTES

from tests.translation_pipeline.world import SEGMENT, Context, refusal


def messages(world):
    return sorted(((to, json.loads(data)) for to, data in world.posted), key=lambda one: one[0])


def metrics_of(capsys) -> dict:
    """Every metric of the embedded metric format lines on the standard output."""
    found: dict = {}
    for line in capsys.readouterr().out.splitlines():
        document = json.loads(line)
        for metric in document.get("_aws", {}).get("CloudWatchMetrics", [{}])[0].get("Metrics", []):
            found.setdefault(metric["Name"], []).extend(document[metric["Name"]])
    return found


def test_each_language_is_translated_once_and_every_listener_reads_it(world):
    """Three listeners, two languages, two translations."""
    world.listen("es", "fr", "es")
    handler(SEGMENT, Context())
    assert world.translated == {"es": 1, "fr": 1}
    assert [(to, message["text"]) for to, message in messages(world)] == [
        ("es-0", "hello in es"), ("es-2", "hello in es"), ("fr-1", "hello in fr"),
    ]  # fmt: skip
    assert messages(world)[0][1].keys() == {
        "type", "sessionId", "segmentId", "sequence", "language", "text", "sourceText", "startMs", "endMs", "isFinal",
    }  # fmt: skip


def test_without_listeners_nothing_is_translated(world, tables):
    """Nobody pays for words that nobody reads."""
    handler(SEGMENT, Context())
    assert not world.translated
    assert tables.scan(TableName="TranslationClaims-test")["Count"] == 0


def test_a_listener_of_the_spoken_language_costs_no_translation(world):
    """Equal languages pass through."""
    world.listen("en")
    handler(SEGMENT, Context())
    assert not world.translated
    assert messages(world)[0][1]["text"] == "hello"


def test_a_segment_delivered_twice_is_posted_once(world):
    """Asynchronous invocations are at least once."""
    world.listen("es")
    handler(SEGMENT, Context("r1"))
    handler(SEGMENT, Context("r2"))
    assert len(world.posted) == 1


def test_one_languages_failure_touches_no_other_and_has_the_event_retried(world):
    """French readers do not notice that Spanish fails; the retry delivers Spanish alone."""
    world.listen("es", "fr")
    world.translate_fails["es"] = refusal("ThrottlingException")
    with pytest.raises(LanguagesFailedError, match="s-0 to reach every language, es failed"):
        handler(SEGMENT, Context())
    assert [to for to, _ in world.posted] == ["fr-1"]
    world.translate_fails.clear()
    world.now_ms += 60_000
    handler(SEGMENT, Context())
    assert [to for to, _ in world.posted] == ["fr-1", "es-0"]


def test_what_translate_will_never_translate_is_not_tried_again(world, capsys):
    """A retry of the same request has the same answer."""
    world.listen("es")
    world.translate_fails["es"] = refusal("UnsupportedLanguagePairException")
    handler(SEGMENT, Context())
    handler(SEGMENT, Context())
    assert world.translated == {"es": 1}
    assert metrics_of(capsys)["TranslationErrors"] == [1]


def test_a_crash_between_claim_and_post_is_taken_over_by_the_events_retry(world, monkeypatch):
    """Words are late, not lost, and have the same segmentId."""
    world.listen("es")

    def crash(*_args: object, **_more: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(translate, "translate", crash)
        with pytest.raises(KeyboardInterrupt):
            handler(SEGMENT, Context(remaining_ms=20_000))
    world.now_ms += 19_999
    handler(SEGMENT, Context())
    assert world.posted == []
    world.now_ms += 1
    handler(SEGMENT, Context())
    assert [message["segmentId"] for _, message in messages(world)] == ["s-0"]


def test_a_gone_listener_is_counted_out_and_the_others_are_served(world, capsys):
    """410 of `@connections`."""
    world.listen("es", "es")
    world.gone = {"es-0"}
    handler(SEGMENT, Context())
    assert world.left == ["es-0"]
    assert [to for to, _ in world.posted] == ["es-1"]
    found = metrics_of(capsys)
    assert (found["ListenersPosted"], found["ListenersGone"]) == ([1], [1])


def test_a_listener_that_went_over_to_a_new_connection_meanwhile_reads_the_segment_on_it(world, capsys):
    """`sandbox sim --scenario refresh --seed 23 --speech 15 --chunk 100 --faults all`: the translation took 3 s."""
    world.listen("es", "fr")
    world.gone = {"es-0"}
    world.while_translating = lambda: world.listen("de", "fr", "es")
    handler(SEGMENT, Context())
    assert sorted(to for to, _ in world.posted) == ["es-2", "fr-1"]
    found = metrics_of(capsys)
    assert (sum(found["ListenersPosted"]), found["ListenersGone"]) == (2, [1])


def test_a_listener_that_was_not_reached_gets_the_segment_again(world, capsys):
    """At least once: the others drop the repeat by its segmentId."""
    world.listen("es", "es")
    world.unreachable = {"es-0"}
    with pytest.raises(LanguagesFailedError):
        handler(SEGMENT, Context())
    assert metrics_of(capsys)["PostErrors"] == [1]
    world.unreachable.clear()
    handler(SEGMENT, Context())
    assert sorted(to for to, _ in world.posted) == ["es-0", "es-1", "es-1"]


def test_a_correction_says_which_segment_it_replaces(world):
    """Clients put it in that segment's place."""
    world.listen("es")
    handler({**SEGMENT, "segmentId": "s-4", "correctionOf": "s-0"}, Context())
    assert messages(world)[0][1]["correctionOf"] == "s-0"


@pytest.mark.parametrize("missing", ["segmentId", "sourceText", "callbackUrl"])
def test_a_malformed_request_fails_whole(world, missing):
    """Nothing half-made: Lambda's retry and the alarm see it."""
    world.listen("es")
    with pytest.raises(TypeError):
        handler({name: value for name, value in SEGMENT.items() if name != missing}, Context())
    assert world.posted == []


def test_a_standard_session_waits_for_no_speech(world, capsys):
    """Not one call to Polly, so not one millisecond."""
    world.listen("es")
    handler(SEGMENT, Context())
    assert world.spoken == []
    assert "SpeechLatency" not in metrics_of(capsys)


def test_a_premium_session_hears_each_language_once(world):
    """One synthesis for two listeners, spoken as the speaker spoke."""
    world.listen("es", "es")
    handler({**SEGMENT, "qualityTier": "premium", "dynamics": {"volume": "loud", "rate": "fast"}}, Context())
    (asked,) = world.spoken
    assert asked == {
        "Engine": "standard", "VoiceId": "Lupe", "LanguageCode": "es-US", "OutputFormat": "mp3",
        "SampleRate": "16000", "TextType": "ssml",
        "Text": '<speak><prosody volume="loud" rate="fast">hello in es</prosody></speak>',
    }  # fmt: skip
    for _, message in messages(world):
        assert message["audio"] == {"format": "mp3", "base64": base64.b64encode(b"speech").decode()}


def test_a_premium_listener_of_a_language_without_a_voice_reads(world):
    """Polly has no Ukrainian."""
    world.listen("uk")
    handler({**SEGMENT, "qualityTier": "premium"}, Context())
    assert world.spoken == []
    assert "audio" not in messages(world)[0][1]


@pytest.mark.parametrize("tiers", ["", "gold"])
def test_the_stack_says_which_tiers_are_spoken_to(world, monkeypatch, tiers):
    """An empty list turns speech off."""
    monkeypatch.setenv("SPEECH_TIERS", tiers)
    world.listen("es")
    handler({**SEGMENT, "qualityTier": "premium"}, Context())
    assert world.spoken == []


def test_ssml_that_polly_refuses_is_spoken_plainly(world):
    """The words matter more than how they are said."""

    def refuse_ssml(request: dict) -> bytes:
        if request["TextType"] == "ssml":
            raise refusal("InvalidSsmlException", "SynthesizeSpeech")
        return b"plain"

    world.polly = refuse_ssml
    world.listen("es")
    handler({**SEGMENT, "qualityTier": "premium"}, Context())
    assert [(one["TextType"], one["Text"]) for one in world.spoken][1:] == [("text", "hello in es")]
    assert base64.b64decode(messages(world)[0][1]["audio"]["base64"]) == b"plain"


def test_without_speech_the_text_goes_out(world, capsys):
    """Polly's failure is a metric, not the listener's."""

    def throttled(_: dict) -> bytes:
        raise refusal("ThrottlingException", "SynthesizeSpeech")

    world.polly = throttled
    world.listen("es")
    handler({**SEGMENT, "qualityTier": "premium"}, Context())
    assert "audio" not in messages(world)[0][1]
    found = metrics_of(capsys)
    assert (found["SpeechErrors"], found["ListenersPosted"]) == ([1], [1])


def test_audio_is_left_out_where_the_message_would_not_fit_into_a_frame(world, capsys):
    """At 32 KB it is sent; the audio that makes the message larger is dropped and counted."""
    world.listen("es")
    premium = {**SEGMENT, "qualityTier": "premium"}
    handler(premium, Context())
    empty = len(world.posted[0][1]) - len(base64.b64encode(b"speech"))
    most = (FRAME_BYTES - empty) // 4 * 3
    for number, size in enumerate((most, most + 1)):
        world.polly = lambda _, size=size: bytes(size)
        handler({**premium, "segmentId": f"s-{number + 1}"}, Context())
    fits, too_large = (data for _, data in world.posted[1:])
    assert FRAME_BYTES - 4 < len(fits) <= FRAME_BYTES
    assert b'"audio"' not in too_large
    assert metrics_of(capsys)["SpeechDropped"] == [1]


def test_metrics_say_what_was_paid_for(world, capsys):
    """A miss, then a hit from memory, then one from the table in another environment."""
    world.listen("es")
    handler(SEGMENT, Context())
    found = metrics_of(capsys)
    assert (found["CacheMisses"], found["TranslationRetries"]) == ([1], [1])
    assert found["SegmentDelay"] == [world.now_ms - 5]
    handler({**SEGMENT, "segmentId": "s-1"}, Context())
    assert metrics_of(capsys)["CacheHits"] == [1]
    translate._memory.clear()
    handler({**SEGMENT, "segmentId": "s-2", "sourceText": " hello "}, Context())
    assert metrics_of(capsys)["CacheHits"] == [1]
    assert world.translated == {"es": 1}


def test_a_failing_cache_fails_no_translation(world, tables):
    """A table that is not there is a warning in the log."""
    tables.delete_table(TableName="TranslationCache-test")
    world.listen("es")
    handler(SEGMENT, Context())
    assert [to for to, _ in world.posted] == ["es-0"]


def test_what_was_said_is_not_in_the_log(world, capsys):
    """Neither text nor audio, even when everything fails."""
    world.listen("es")
    world.translate_fails["es"] = refusal("InternalServerException")
    with pytest.raises(LanguagesFailedError):
        handler({**SEGMENT, "sourceText": "a secret plan"}, Context())
    assert "secret plan" not in capsys.readouterr().out


def test_the_cache_holds_no_readable_source(world, tables):
    """The key is a hash of languages and text."""
    world.listen("es")
    handler(SEGMENT, Context())
    (item,) = tables.scan(TableName="TranslationCache-test")["Items"]
    assert item["cacheKey"]["S"] == cache.key("hello", source="en", target="es")
    assert len(item["cacheKey"]["S"]) == 64
    assert item["expiresAt"]["N"] == str(world.now_ms // 1000 + 24 * 3600)
