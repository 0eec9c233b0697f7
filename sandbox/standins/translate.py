"""Amazon Translate's `TranslateText`: the scripts' translations first, else a marked pseudo-translation.

Requests, answers and refusals have the service's shapes (botocore's model of Translate, JSON 1.1).
"""

import json
import unicodedata

from sandbox.edge.http import HttpRequest, HttpResponse
from sandbox.standins.phrase_book import PhraseBook

TARGET = "AWSShineFrontendService_20170701.TranslateText"
TEXT_LIMIT_BYTES = 10_000
"""Amazon Translate guidelines and limits: synchronous real-time translation, 10,000 bytes of UTF-8."""

LANGUAGES = frozenset(
    "af sq am ar hy az bn bs bg ca zh zh-TW hr cs da fa-AF nl en et fa tl fi fr fr-CA ka de el gu ht ha he hi hu is id "
    "ga it ja kn kk ko lv lt mk ms ml mt mr mn no ps pl pt pt-PT pa ro ru sr si sk sl so es es-MX sw sv ta te th tr uk "
    "ur uz vi cy".split()
)
"""Language codes of Amazon Translate's developer guide, "Supported languages"."""


def pseudo_translation(text: str, language: str) -> str:
    """The text with marked letters and its language in front: readable, and nobody takes it for a translation."""
    marked = "".join(
        unicodedata.normalize("NFC", f"{letter}\u0301") if letter in "aeiouAEIOU" else letter for letter in text
    )
    return f"[{language}] {marked}"


class TranslateStandIn:
    """Answers `TranslateText` for the edge."""

    def __init__(self, phrases: PhraseBook) -> None:
        self.phrases = phrases

    async def handle(self, request: HttpRequest) -> HttpResponse:
        """One request in the service's JSON protocol."""
        if request.header("X-Amz-Target") != TARGET:
            return _refusal("UnknownOperationException", "")
        try:
            body = json.loads(request.body)
            text, source, target = body["Text"], body["SourceLanguageCode"], body["TargetLanguageCode"]
        except (ValueError, KeyError, TypeError):
            return _refusal("InvalidRequestException", "The request that you made is not valid.")
        size = len(text.encode())
        if size > TEXT_LIMIT_BYTES:
            return _refusal(
                "TextSizeLimitExceededException",
                f"Input text size exceeds limit. Max length of request text allowed is {TEXT_LIMIT_BYTES} bytes "
                f"while in this request the text size is {size} bytes",
            )
        if source not in LANGUAGES | {"auto"} or target not in LANGUAGES:
            return _refusal(
                "UnsupportedLanguagePairException",
                f"Unsupported language pair: {source} to {target}. Target language '{target}' is not supported",
            )
        translated = text if source == target else self.phrases.translate(text, target)
        if translated is None:
            translated = pseudo_translation(text, target)
        return _answer(200, {"SourceLanguageCode": source, "TargetLanguageCode": target, "TranslatedText": translated})


def _answer(status: int, body: dict[str, str], error: str | None = None) -> HttpResponse:
    headers = [("Content-Type", "application/x-amz-json-1.1")]
    if error:
        headers.append(("x-amzn-ErrorType", error))
    return HttpResponse(status=status, headers=tuple(headers), body=json.dumps(body, ensure_ascii=False).encode())


def _refusal(code: str, message: str) -> HttpResponse:
    return _answer(400, {"__type": code, "message": message}, code)
