"""Fields of messages: what was expected and what came, with the contract's code; ids that people can read out."""

import random

import pytest
from broadcast import fields, session_ids
from broadcast.errors import Refusal
from broadcast.events import body, caller
from broadcast.segments import SegmentRequest, from_payload, segment_id


def refusal(act) -> Refusal:
    with pytest.raises(Refusal) as refused:
        act()
    assert "\n" not in refused.value.message
    return refused.value


@pytest.mark.parametrize(
    ("read", "message", "code"),
    [
        (fields.session_id, {}, "INVALID_SESSION_ID"),
        (fields.session_id, {"sessionId": 7}, "INVALID_SESSION_ID"),
        (fields.session_id, {"sessionId": "Golden-eagle-427"}, "INVALID_SESSION_ID"),
        (fields.session_id, {"sessionId": "golden-eagle-099"}, "INVALID_SESSION_ID"),
        (fields.source_language, {"sourceLanguage": "tlh"}, "UNSUPPORTED_LANGUAGE"),
        (fields.source_language, {"sourceLanguage": ["en"]}, "UNSUPPORTED_LANGUAGE"),
        (fields.target_language, {"targetLanguage": None}, "UNSUPPORTED_LANGUAGE"),
        (lambda message: fields.fraction(message, "volume"), {"volume": 1.01}, "INVALID_PARAMETER"),
        (lambda message: fields.fraction(message, "volume"), {"volume": True}, "INVALID_PARAMETER"),
        (lambda message: fields.choice(message, "x", ("a",)), {"x": "b"}, "INVALID_PARAMETER"),
        (fields.partial_results, {"partialResults": []}, "INVALID_PARAMETER"),
        (fields.partial_results, {"partialResults": {"speed": 1}}, "INVALID_PARAMETER"),
        (fields.partial_results, {"partialResults": {"enabled": 1}}, "INVALID_PARAMETER"),
        (fields.partial_results, {"partialResults": {"maxBufferTimeout": 11}}, "INVALID_PARAMETER"),
    ],
)
def test_a_bad_field_is_refused_with_its_code(read, message, code):
    """One line that says what was expected."""
    assert refusal(lambda: read(message)).code == code


def test_a_refusal_shows_little_of_what_came():
    """A client may send names as long as a frame, or nest deeper than a parser follows."""
    long = refusal(lambda: fields.partial_results({"partialResults": {"e" * 5000: 1}}))
    assert len(long.message) < 150
    assert refusal(lambda: body({"body": "[" * 30_000})).code == "INVALID_MESSAGE"


def test_good_fields_are_returned():
    """At the limits too."""
    assert fields.session_id({"sessionId": "golden-eagle-100"}) == "golden-eagle-100"
    assert fields.fraction({"volume": 1}, "volume") == 1.0
    assert fields.partial_results({"partialResults": {"enabled": False, "maxBufferTimeout": 10}}) == {
        "enabled": False, "maxBufferTimeout": 10.0,
    }  # fmt: skip
    assert fields.partial_results({}) is None


@pytest.mark.parametrize("text", ["", "hello", "[1]", "7", None])
def test_a_body_that_is_no_object_is_an_invalid_message(text):
    """Whatever a client sends."""
    assert refusal(lambda: body({"body": text})).code == "INVALID_MESSAGE"


def test_the_callback_address_comes_from_the_event():
    """It is never configured."""
    context = {
        "connectionId": "c", "requestId": "r", "domainName": "api.example", "stage": "prod",
        "identity": {"sourceIp": "127.0.0.1"}, "authorizer": {"role": "speaker", "userId": "u"},
    }  # fmt: skip
    assert caller({"requestContext": context}).callback_url == "https://api.example/prod"


def test_session_ids_are_words_and_a_number():
    """At least a hundred of each kind of word, each once."""
    chance = random.Random(1)
    assert all(session_ids.is_well_formed(session_ids.draw(chance)) for _ in range(500))
    for words in (session_ids.ADJECTIVES, session_ids.NOUNS):
        assert len(words) == len(set(words)) >= 100


def test_a_segments_request_survives_its_payload():
    """And its id is the same however often it is sent."""
    request = SegmentRequest(
        sessionId="s", segmentId=segment_id("s", 3), sequence=3, sourceLanguage="en", sourceText="hi", startMs=0,
        endMs=9, isFinal=True, releasedAtMs=5, callbackUrl="https://x/prod",
    )  # fmt: skip
    import json

    payload = json.loads(request.to_payload())
    assert from_payload(payload) == request
    assert "correctionOf" not in payload
    assert request.segmentId == "s-3"
