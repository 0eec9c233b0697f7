"""A request's parameters: taken in every client's spelling, refused in the service's words."""

import pytest

from fake_transcribe import request
from fake_transcribe.errors import ServiceException

GOOD = {"language-code": "en-US", "sample-rate": "16000", "media-encoding": "pcm"}
SESSION = "4ddc4a44-7d02-4a32-8f7c-a0a3a2b1a2b7"


def asked(**changes):
    fields = GOOD | {name.replace("_", "-"): value for name, value in changes.items()}
    return request.parameters({name: value for name, value in fields.items() if value is not None}, SESSION)


@pytest.mark.parametrize("yes", ["True", "true", "TRUE"])
def test_booleans_are_taken_in_any_case(yes):
    """T-13: one client writes `True`, the others `true`."""
    assert asked(enable_partial_results_stabilization=yes).stability == "high"
    assert asked(enable_partial_results_stabilization="False").stability is None
    assert asked(enable_partial_results_stabilization=yes, partial_results_stability="low").stability == "low"


def test_what_is_no_boolean_is_a_serialization_exception():
    """T-14: 400, before any other check."""
    refused = asked(show_speaker_label="yes", language_code="xx")
    assert isinstance(refused, ServiceException)
    assert (refused.name, refused.status) == ("SerializationException", 400)


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"language_code": "xx-XX"}, "Value 'xx-XX' at 'languageCode' failed to satisfy constraint: Member must "
         "satisfy enum value set: [en-US, zh-CN, "),
        ({"media_encoding": "mp3"}, "Value 'mp3' at 'mediaEncoding' failed to satisfy constraint"),
        ({"media_encoding": None}, "Value null at 'mediaEncoding' failed to satisfy constraint: Member must not"),
        ({"sample_rate": "7999"}, "Value '7999' at 'mediaSampleRateHertz' failed to satisfy constraint: Member must "
         "have value greater than or equal to 8000"),
        ({"sample_rate": "48001"}, "Member must have value less than or equal to 48000"),
        ({"sample_rate": None}, "Value null at 'mediaSampleRateHertz'"),
        ({"sample_rate": "٣"}, "at 'mediaSampleRateHertz'"),
        ({"partial_results_stability": "best"}, "Value 'best' at 'partialResultsStability'"),
        ({"vocabulary_filter_method": "hide"}, "Value 'hide' at 'vocabularyFilterMethod'"),
        ({"session_id": "mine"}, "Value 'mine' at 'sessionId' failed to satisfy constraint: Member must satisfy "
         "regular expression pattern: [a-fA-F0-9]{8}-"),
        ({"number_of_channels": "1", "enable_channel_identification": "true"}, "Value '1' at 'numberOfChannels'"),
        ({"number_of_channels": "3", "enable_channel_identification": "true"}, "The number of channels must be 2."),
        ({"number_of_channels": "2"}, "You must specify both EnableChannelIdentification and NumberOfChannels."),
        ({"identify_language": "true"}, "You must specify one of LanguageCode, IdentifyLanguage"),
        ({"language_code": None}, "You must specify one of LanguageCode, IdentifyLanguage"),
        ({"language_code": None, "identify_language": "true", "language_options": "en-US"}, "two language codes"),
        ({"content_identification_type": "PII", "content_redaction_type": "PII"}, "in the same request"),
    ],
)  # fmt: skip
def test_what_breaks_a_constraint_is_a_bad_request_that_says_which(changes, text):
    """T-14: worded as the service words its model's constraints."""
    refused = asked(**changes)
    assert isinstance(refused, ServiceException)
    assert (refused.name, refused.status) == ("BadRequestException", 400)
    assert text in refused.message


def test_several_broken_constraints_are_counted():
    """T-14: in one message."""
    assert asked(language_code="xx", sample_rate="9999999").message.startswith(
        "2 validation errors detected: Value 'xx'"
    )
    assert asked(language_code="xx").message.startswith("1 validation error detected: Value 'xx'")


@pytest.mark.parametrize("rate", ["8000", "48000"])
def test_sample_rates_are_taken_up_to_their_limits(rate):
    """T-14: the refusals beyond them are above."""
    assert asked(sample_rate=rate).sample_rate_hz == int(rate)


def test_a_querys_parameters_are_the_headers_without_their_prefix():
    """T-13: and the signature's own are not among them."""
    query = "X-Amz-Date=1&language-code=en-US&sample-rate=16000&media-encoding=pcm&session-id="
    assert request.fields_of_query(query) == {**GOOD, "session-id": ""}
    headers = {f"x-amzn-transcribe-{name}": value for name, value in GOOD.items()}
    assert request.fields_of_headers({**headers, "content-type": "x", ":path": "/"}) == GOOD


def test_the_answers_headers_echo_the_request_and_end_with_three_flags():
    """T-15: the flags are there as `false` even if they were not sent."""
    fields = {**GOOD, "vocabulary-name": "mine", "show-speaker-label": "True"}
    answered = request.response_headers(fields, asked(), "id", "Fri, 27 Aug 2021 20:08:23 GMT")
    assert [name.removeprefix("x-amzn-transcribe-") for name, _ in answered] == [
        ":status", "x-amzn-requestid", "x-amzn-request-id", "session-id", "content-type", "date", "language-code",
        "sample-rate", "media-encoding", "vocabulary-name", "show-speaker-label", "enable-channel-identification",
        "enable-partial-results-stabilization",
    ]  # fmt: skip
    assert dict(answered)["content-type"] == "application/vnd.amazon.eventstream"
    assert [value for _, value in answered[-3:]] == ["true", "false", "false"]
