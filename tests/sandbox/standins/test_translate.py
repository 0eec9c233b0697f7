"""Translate answers with the scripts' translations, marks what it makes up, and refuses as the service does."""

import asyncio
import json

import pytest

from sandbox.edge.http import HttpRequest
from sandbox.standins.phrase_book import PhraseBook, ScriptText
from sandbox.standins.translate import TARGET, TEXT_LIMIT_BYTES, TranslateStandIn

BOOK = PhraseBook(
    [
        [
            ScriptText(
                text="And he had then leisure, to consider.",
                translations={"es": "Y tuvo entonces ocio para considerar."},
            ),
            ScriptText(text="How much there might be.", translations={"es": "Cuánto podría haber."}),
        ]
    ]
)  # fmt: skip


def ask(text: str, target: str = "es", source: str = "en", operation: str = TARGET):
    body = json.dumps({"Text": text, "SourceLanguageCode": source, "TargetLanguageCode": target}).encode()
    request = HttpRequest(
        method="POST", host="translate.us-east-1.amazonaws.com", path="/", query="",
        headers=(("X-Amz-Target", operation),), body=body, source_ip="127.0.0.1",
    )  # fmt: skip
    answer = asyncio.run(TranslateStandIn(BOOK).handle(request))
    return answer.status, json.loads(answer.body)


def test_a_whole_script_segment_gets_its_translation():
    """Case and punctuation do not matter in the look-up."""
    assert BOOK.translate("and he had then leisure to consider", "es") == "Y tuvo entonces ocio para considerar."


@pytest.mark.parametrize("cut", range(1, 7))
def test_consecutive_pieces_join_to_the_scripts_translation(cut):
    """Wherever the core cuts, a listener reads the whole translation once."""
    words = "And he had then leisure to consider".split()
    pieces = [BOOK.translate(" ".join(part), "es") for part in (words[:cut], words[cut:])]
    assert " ".join(piece for piece in pieces if piece) == "Y tuvo entonces ocio para considerar."


def test_a_run_over_two_segments_takes_from_both():
    """Segments of the product need not end where the script's do."""
    assert BOOK.translate("to consider how much there might be", "es") == "para considerar. Cuánto podría haber."


def test_unknown_text_is_translated_recognisably():
    """A made-up translation names its language and keeps the words readable."""
    assert ask("Good day") == (
        200,
        {"SourceLanguageCode": "en", "TargetLanguageCode": "es", "TranslatedText": "[es] Góód dáy"},
    )


@pytest.mark.parametrize(("size", "status"), [(TEXT_LIMIT_BYTES, 200), (TEXT_LIMIT_BYTES + 1, 400)])
def test_text_over_ten_thousand_bytes_is_refused(size, status):
    """At the limit it is taken, one byte past it is TextSizeLimitExceededException."""
    got, body = ask("x" * size)
    assert got == status
    assert status == 200 or body["__type"] == "TextSizeLimitExceededException"


def test_an_unsupported_pair_is_refused():
    """UnsupportedLanguagePairException, as the service names it."""
    assert ask("hi", target="xx")[1]["__type"] == "UnsupportedLanguagePairException"


def test_another_operation_is_unknown():
    """Nothing else of Translate is pretended."""
    assert ask("hi", operation="AWSShineFrontendService_20170701.ListLanguages")[0] == 400
