"""Translations that other environments have paid for: the table `TranslationCache-{env}`.

It may be done without. Each call is one short attempt, and what goes wrong in it is logged and forgotten.
"""

import hashlib
import unicodedata

from aws_lambda_powertools import Logger
from botocore.exceptions import BotoCoreError, ClientError
from broadcast import aws, settings
from broadcast.clock import now_ms
from broadcast.items import from_item, to_item

logger = Logger(child=True)


def normalised(text: str) -> str:
    """One spelling of a text: composed characters, single spaces. Case and punctuation stay, they change meaning."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def key(text: str, *, source: str, target: str) -> str:
    """The hash that stands for a text and its two languages; what was said cannot be read from it."""
    return hashlib.sha256("\0".join((source, target, normalised(text))).encode()).hexdigest()


def find(text: str, *, source: str, target: str) -> str | None:
    """The stored translation, or None. DynamoDB still returns an item for days after its expiry; here it is gone."""
    try:
        found = aws.quick_client("dynamodb").get_item(
            TableName=settings.variable("TRANSLATION_CACHE_TABLE_NAME"),
            Key=to_item({"cacheKey": key(text, source=source, target=target)}),
        )
    except (ClientError, BotoCoreError) as error:
        logger.warning("the cache was not read", reason=type(error).__name__)
        return None
    item = from_item(found.get("Item", {}))
    return str(item["text"]) if item.get("expiresAt", 0) > now_ms() // 1000 else None


def store(text: str, translated: str, *, source: str, target: str) -> None:
    """Keep a translation for as long as the stack says."""
    lifetime_s = int(settings.variable("TRANSLATION_CACHE_TTL_HOURS")) * 3_600
    item = {
        "cacheKey": key(text, source=source, target=target),
        "text": translated,
        "expiresAt": now_ms() // 1000 + lifetime_s,
    }
    try:
        aws.quick_client("dynamodb").put_item(
            TableName=settings.variable("TRANSLATION_CACHE_TABLE_NAME"), Item=to_item(item)
        )
    except (ClientError, BotoCoreError) as error:
        logger.warning("the cache was not written", reason=type(error).__name__)
