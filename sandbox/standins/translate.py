"""Amazon Translate's `TranslateText`: the scripts' translations first, else a marked pseudo-translation.

Requests, answers and refusals have the service's shapes: botocore's model of Translate, JSON 1.1. `Settings` are
checked and not applied; there are no terminologies.
"""

import unicodedata
from collections.abc import Callable
from typing import Any

from sandbox.edge.http import HttpRequest, HttpResponse
from sandbox.standins import answers, limits
from sandbox.standins.errors import ServiceRefusal
from sandbox.standins.faults import Faults, Quota, TokenBucket
from sandbox.standins.phrase_book import PhraseBook
from sandbox.standins.service_model import OperationContract

TARGET = "AWSShineFrontendService_20170701.TranslateText"

LANGUAGES = frozenset(
    "af sq am ar hy az bn bs bg ca zh zh-TW hr cs da fa-AF nl en et fa tl fi fr fr-CA ka de el gu ht ha he hi hu is id "
    "ga it ja kn kk ko lv lt mk ms ml mt mr mn no ps pl pt pt-PT pa ro ru sr si sk sl so es es-MX sw sv ta te th tr uk "
    "ur uz vi cy".split()
)
"""Language codes of Amazon Translate's developer guide, "Supported languages"."""

AUTO = "auto"


def pseudo_translation(text: str, language: str) -> str:
    """The text with marked letters and its language in front: readable, and nobody takes it for a translation."""
    marked = "".join(
        unicodedata.normalize("NFC", f"{letter}\u0301") if letter in "aeiouAEIOU" else letter for letter in text
    )
    return f"[{language}] {marked}"


class TranslateStandIn:
    """Answers `TranslateText` for the edge. Without a quota it never throttles by itself: accounts differ widely."""

    def __init__(self, phrases: PhraseBook, *, now_ms: Callable[[], int], quota: Quota | None = None) -> None:
        self.phrases = phrases
        self.faults = Faults()
        self.contract = OperationContract("translate", "TranslateText")
        self._now_ms = now_ms
        self._bucket = TokenBucket(quota) if quota else None

    async def handle(self, request: HttpRequest) -> HttpResponse:
        """One request in the service's JSON protocol."""
        try:
            if request.header("X-Amz-Target") != TARGET:
                raise ServiceRefusal("UnknownOperationException", "")
            return answers.result(self._translate(answers.body_of(request)))
        except ServiceRefusal as refusal:
            return answers.json_error(refusal, status=self.contract.status(refusal.code))

    def _translate(self, body: dict[str, Any]) -> dict[str, str]:
        fault = self.faults.next(now_ms=self._now_ms())
        if fault is not None:
            raise self.contract.refusal(fault)
        if self._bucket is not None and not self._bucket.take(self._now_ms()):
            raise self.contract.refusal("ThrottlingException")
        self._check(body)
        text, target = body["Text"], body["TargetLanguageCode"]
        source = self._source(body["SourceLanguageCode"], text)
        for role, code in (("Source", source), ("Target", target)):
            if code not in LANGUAGES:
                # Recorded for a target in aws-samples/serverless-patterns, apigw-lambda-translate-polly-s3; for a
                # source by likeness (?).
                raise ServiceRefusal(
                    "UnsupportedLanguagePairException",
                    f"Unsupported language pair: {source} to {target}. {role} language '{code}' is not supported",
                    SourceLanguageCode=source,
                    TargetLanguageCode=target,
                )
        translated = text if source == target else self.phrases.translate(text, target)
        if translated is None:
            translated = pseudo_translation(text, target)
        return {"SourceLanguageCode": source, "TargetLanguageCode": target, "TranslatedText": translated}

    def _check(self, body: dict[str, Any]) -> None:
        """The size comes first: the service has an error of its own for it."""
        text = body.get("Text")
        size = len(text.encode()) if isinstance(text, str) else 0
        if size > limits.TRANSLATE_TEXT_BYTES:
            raise ServiceRefusal(
                "TextSizeLimitExceededException",
                f"Input text size exceeds limit. Max length of request text allowed is {limits.TRANSLATE_TEXT_BYTES} "
                f"bytes while in this request the text size is {size} bytes",
            )
        self.contract.check(body)
        for name in body.get("TerminologyNames", []):
            raise ServiceRefusal("ResourceNotFoundException", f"Resource not found: terminology {name}")

    def _source(self, code: str, text: str) -> str:
        """The source language. `auto` is detected where a script has the words; of other texts nothing is certain."""
        if code != AUTO:
            return code
        known = self.phrases.language_of(text)
        if known is None:
            refusal = self.contract.refusal("DetectedLanguageLowConfidenceException")
            raise ServiceRefusal(refusal.code, refusal.message, DetectedLanguageCode="en")
        return known
