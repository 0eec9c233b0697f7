"""A text in another language: from this environment's memory, from the table, or from Amazon Translate."""

from collections import OrderedDict
from dataclasses import dataclass
from enum import Enum, auto

from botocore.exceptions import ClientError
from broadcast import aws

from translation_processor import cache, limits

HOPELESS = frozenset(
    {
        "UnsupportedLanguagePairException",
        "TextSizeLimitExceededException",
        "InvalidRequestException",
        "DetectedLanguageLowConfidenceException",
        "SerializationException",
        "ValidationException",
    }
)
"""Refusals of the request itself (Amazon Translate, TranslateText, "Errors"): asking again is answered the same."""

_memory: OrderedDict[str, str] = OrderedDict()


class Origin(Enum):
    """Where a translation came from."""

    SAME_LANGUAGE = auto()
    MEMORY = auto()
    TABLE = auto()
    SERVICE = auto()


@dataclass(frozen=True, kw_only=True)
class Translation:
    """A text in the target language. `retries` are the client's own, with jitter, before the service answered."""

    text: str
    origin: Origin
    retries: int = 0


def translate(text: str, *, source: str, target: str) -> Translation:
    """The text in the target language; equal languages pass through. Raises the client's errors after its retries."""
    if source == target:
        return Translation(text=text, origin=Origin.SAME_LANGUAGE)
    key = cache.key(text, source=source, target=target)
    remembered = _memory.get(key)
    if remembered is not None:
        return Translation(text=remembered, origin=Origin.MEMORY)
    stored = cache.find(text, source=source, target=target)
    if stored is not None:
        _remember(key, stored)
        return Translation(text=stored, origin=Origin.TABLE)
    answer = aws.client("translate").translate_text(Text=text, SourceLanguageCode=source, TargetLanguageCode=target)
    translated = str(answer["TranslatedText"])
    _remember(key, translated)
    retries = int(answer.get("ResponseMetadata", {}).get("RetryAttempts", 0))
    return Translation(text=translated, origin=Origin.SERVICE, retries=retries)


def is_hopeless(error: Exception) -> bool:
    """Whether the service refused the request itself, so that no retry can help."""
    return isinstance(error, ClientError) and error.response["Error"]["Code"] in HOPELESS


def _remember(key: str, text: str) -> None:
    _memory[key] = text
    while len(_memory) > limits.REMEMBERED_TEXTS:
        _memory.popitem(last=False)
