"""Translate answers with the scripts' translations, marks what it makes up, and refuses as the service does."""

import pytest
from botocore.exceptions import ClientError

from sandbox.standins.faults import Quota
from sandbox.standins.limits import TRANSLATE_TEXT_BYTES
from sandbox.standins.phrase_book import PhraseBook, ScriptText
from sandbox.standins.translate import TranslateStandIn
from tests.sandbox.standins.local_service import client

BOOK = PhraseBook(
    [[ScriptText(text="How much there might be.", language="en", translations={"es": "Cuánto podría haber."})]]
)


class Clock:
    now_ms = 0

    def __call__(self) -> int:
        return self.now_ms


@pytest.fixture
def standin():
    return TranslateStandIn(BOOK, now_ms=Clock())


@pytest.fixture
def translate(standin):
    """Amazon's own client."""
    with client("translate", standin.handle) as made:
        yield Asking(made)


class Asking:
    """`TranslateText` with usual values."""

    def __init__(self, made) -> None:
        self.client = made

    def __call__(self, text="Good day", target="es", source="en", **more):
        return self.client.translate_text(Text=text, SourceLanguageCode=source, TargetLanguageCode=target, **more)


def refusal(ask) -> dict:
    """The refusal as the SDK reads it."""
    with pytest.raises(ClientError) as raised:
        ask()
    response: dict = raised.value.response
    return response


def test_a_script_segment_gets_its_translation(translate):
    answer = translate("how much there might be")
    assert (answer["TranslatedText"], answer["SourceLanguageCode"], answer["TargetLanguageCode"]) == (
        "Cuánto podría haber.", "en", "es",
    )  # fmt: skip
    assert answer["ResponseMetadata"]["RequestId"]


def test_unknown_text_is_translated_recognisably(translate):
    """A made-up translation names its language and keeps the words readable."""
    assert translate("Good day")["TranslatedText"] == "[es] Góód dáy"


def test_equal_languages_pass_through(translate):
    assert translate("Good day", target="en")["TranslatedText"] == "Good day"


@pytest.mark.parametrize("letters", ["x", "é", "語"])
def test_text_over_ten_thousand_bytes_is_refused(translate, letters):
    """At the limit it is taken, one letter past it is TextSizeLimitExceededException: bytes count, not letters."""
    most = TRANSLATE_TEXT_BYTES // len(letters.encode())
    assert translate(letters * most, target="en")["TranslatedText"] == letters * most
    refused = refusal(lambda: translate(letters * (most + 1)))
    assert refused["Error"]["Code"] == "TextSizeLimitExceededException"
    assert (
        f"is 10000 bytes while in this request the text size is {len(letters.encode()) * (most + 1)}"
        in (refused["Error"]["Message"])
    )
    assert refused["ResponseMetadata"]["HTTPStatusCode"] == 400


@pytest.mark.parametrize(
    ("source", "target", "what"),
    [("en", "ef", "Target language 'ef'"), ("ef", "en", "Source language 'ef'")],
)
def test_an_unsupported_pair_is_refused_in_the_services_words(translate, source, target, what):
    """As recorded in aws-samples/serverless-patterns; the shape's own members are there too."""
    refused = refusal(lambda: translate(source=source, target=target))
    assert refused["Error"] == {
        "Code": "UnsupportedLanguagePairException",
        "Message": f"Unsupported language pair: {source} to {target}. {what} is not supported",
    }
    assert (refused["SourceLanguageCode"], refused["TargetLanguageCode"]) == (source, target)


def test_the_language_of_a_scripts_words_is_detected(translate):
    assert translate("how much there might be", source="auto")["SourceLanguageCode"] == "en"


def test_of_other_words_no_language_is_certain(translate):
    """DetectedLanguageLowConfidenceException names a guess that the caller may take."""
    refused = refusal(lambda: translate("Good day", source="auto"))
    assert refused["Error"]["Code"] == "DetectedLanguageLowConfidenceException"
    assert refused["DetectedLanguageCode"] == "en"


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        ({"Text": ""},
         "1 validation error detected: Value '' at 'text' failed to satisfy constraint: "
         "Member must have length greater than or equal to 1"),
        ({"TargetLanguageCode": "x"},
         "1 validation error detected: Value 'x' at 'targetLanguageCode' failed to satisfy constraint: "
         "Member must have length greater than or equal to 2"),
        ({"SourceLanguageCode": "english", "TargetLanguageCode": None},
         "2 validation errors detected: Value 'english' at 'sourceLanguageCode' failed to satisfy constraint: "
         "Member must have length less than or equal to 5; "
         "Value null at 'targetLanguageCode' failed to satisfy constraint: Member must not be null"),
        ({"Settings": {"Formality": "RUDE"}},
         "1 validation error detected: Value 'RUDE' at 'settings.formality' failed to satisfy constraint: "
         "Member must satisfy enum value set: [FORMAL, INFORMAL]"),
    ],
)  # fmt: skip
def test_what_the_model_forbids_is_a_validation_exception(translate, request_, message):
    """botocore's model of the service, in the words of AWS's validation."""
    asked = {"Text": "hi", "SourceLanguageCode": "en", "TargetLanguageCode": "es"} | request_
    sent = {name: value for name, value in asked.items() if value is not None}
    refused = refusal(lambda: translate.client.translate_text(**sent))
    assert refused["Error"] == {"Code": "ValidationException", "Message": message}


@pytest.mark.parametrize("text", [7, None, "\ud800"])
def test_what_is_no_text_is_a_serialization_exception(translate, text):
    """A number, and half a surrogate pair; a missing text is a validation error."""
    code = refusal(lambda: translate(text))["Error"]["Code"]
    assert code == ("ValidationException" if text is None else "SerializationException")


def test_there_are_no_terminologies(translate):
    refused = refusal(lambda: translate(TerminologyNames=["names"]))
    assert refused["Error"]["Code"] == "ResourceNotFoundException"
    assert refused["ResponseMetadata"]["HTTPStatusCode"] == 404


def test_another_operation_is_unknown(translate):
    """Nothing else of Translate is pretended."""
    refused = refusal(translate.client.list_languages)
    assert refused["Error"]["Code"] == "UnknownOperationException"
    assert refused["ResponseMetadata"]["HTTPStatusCode"] == 400


@pytest.mark.parametrize(
    ("code", "status"),
    [("ThrottlingException", 400), ("TooManyRequestsException", 429), ("InvalidRequestException", 400),
     ("InternalServerException", 500), ("ServiceUnavailableException", 503)],
)  # fmt: skip
def test_a_fault_is_had_as_often_as_wished(standin, translate, code, status):
    """With the model's status; the next request is served again."""
    standin.faults.add(code, times=2)
    for _ in range(2):
        refused = refusal(translate)
        assert (refused["Error"]["Code"], refused["ResponseMetadata"]["HTTPStatusCode"]) == (code, status)
    assert translate()["TranslatedText"]


def test_the_clients_standard_retries_outlast_two_throttled_requests(standin):
    """Three attempts, as the product has them, and the answer says how many it took."""
    standin.faults.add("ThrottlingException", times=2)
    with client("translate", standin.handle, attempts=3) as made:
        answer = made.translate_text(Text="hi", SourceLanguageCode="en", TargetLanguageCode="es")
    assert answer["ResponseMetadata"]["RetryAttempts"] == 2


def test_a_quota_throttles_and_recovers():
    """Without one the stand-in never throttles by itself."""
    clock = Clock()
    standin = TranslateStandIn(BOOK, now_ms=clock, quota=Quota(per_s=2, burst=1))
    with client("translate", standin.handle) as made:

        def ask():
            return made.translate_text(Text="hi", SourceLanguageCode="en", TargetLanguageCode="es")

        ask()
        clock.now_ms = 499
        assert refusal(ask)["Error"] == {"Code": "ThrottlingException", "Message": "Rate exceeded"}
        clock.now_ms = 500
        assert ask()["TranslatedText"]
