"""Requests are held against the service's own model, and errors have its statuses."""

import pytest

from sandbox.standins.errors import ServiceRefusal
from sandbox.standins.service_model import OperationContract

SPEECH = {"OutputFormat": "mp3", "Text": "hi", "VoiceId": "Lupe"}


def test_a_request_that_the_model_allows_passes():
    OperationContract("polly", "SynthesizeSpeech").check({**SPEECH, "LexiconNames": ["a", "b"]})


def test_fields_that_the_model_does_not_know_are_ignored():
    """As AWS does."""
    OperationContract("polly", "SynthesizeSpeech").check({**SPEECH, "Colour": "red"})


def test_too_long_a_list_is_told_with_its_limit():
    with pytest.raises(ServiceRefusal, match=r"at 'lexiconNames' failed to satisfy constraint: .* or equal to 5"):
        OperationContract("polly", "SynthesizeSpeech").check({**SPEECH, "LexiconNames": list("abcdef")})


def test_a_wrong_item_of_a_list_is_told_with_its_place():
    with pytest.raises(ServiceRefusal, match=r"Value 'noise' at 'speechMarkTypes\.2\.member' .* enum value set: \["):
        OperationContract("polly", "SynthesizeSpeech").check({**SPEECH, "SpeechMarkTypes": ["word", "noise"]})


@pytest.mark.parametrize("flag", [True, [], {}, 1.5])
def test_another_type_cannot_be_converted(flag):
    with pytest.raises(ServiceRefusal) as raised:
        OperationContract("translate", "TranslateText").check({"Text": flag})
    assert raised.value.code == "SerializationException"


@pytest.mark.parametrize(
    ("service", "operation", "code", "status"),
    [
        ("translate", "TranslateText", "TooManyRequestsException", 429),
        ("translate", "TranslateText", "ThrottlingException", 400),
        ("translate", "TranslateText", "UnknownOperationException", 400),
        ("polly", "SynthesizeSpeech", "LexiconNotFoundException", 404),
        ("polly", "SynthesizeSpeech", "UnknownOperationException", 404),
    ],
)
def test_statuses_are_the_models(service, operation, code, status):
    """And those of the errors that every service has."""
    contract = OperationContract(service, operation)
    assert contract.status(code) == status
    assert contract.refusal(code).code == code


def test_an_error_of_another_service_is_none_of_this_one():
    contract = OperationContract("polly", "SynthesizeSpeech")
    assert "TooManyRequestsException" not in contract.codes()
    with pytest.raises(KeyError):
        contract.refusal("TooManyRequestsException")


def test_an_errors_usual_text_is_readable():
    """The model's documentation without its markup."""
    refusal = OperationContract("polly", "SynthesizeSpeech").refusal("InvalidSampleRateException")
    assert refusal.message == "The specified sample rate is not valid."
