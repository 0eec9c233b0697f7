"""One message to the listeners of a language, many posts at once; a listener's failure touches no other."""

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from enum import Enum, auto
from functools import partial

from aws_lambda_powertools import Logger
from botocore.exceptions import BotoCoreError, ClientError
from broadcast import callbacks, sessions

from translation_processor.patience import patiently

logger = Logger(child=True)


class Outcome(Enum):
    """What became of one post."""

    POSTED = auto()
    GONE = auto()
    FAILED = auto()


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """How many listeners have the message, how many had gone, and how many it did not reach."""

    posted: int
    gone: int
    failed: int

    def __add__(self, other: "Delivery") -> "Delivery":
        return Delivery(
            posted=self.posted + other.posted, gone=self.gone + other.gone, failed=self.failed + other.failed
        )


def deliver(
    data: bytes, *, callback_url: str, connection_ids: Sequence[str], posts: Executor, until_ms: int
) -> Delivery:
    """Post the encoded message to every connection, until then as often as it takes; those that are gone are counted
    out of their session."""
    outcomes = Counter(posts.map(lambda one: _post(callback_url, one, data, until_ms), connection_ids))
    return Delivery(posted=outcomes[Outcome.POSTED], gone=outcomes[Outcome.GONE], failed=outcomes[Outcome.FAILED])


def _post(callback_url: str, connection_id: str, data: bytes, until_ms: int) -> Outcome:
    try:
        if patiently(partial(callbacks.send, callback_url, connection_id, data), until_ms=until_ms):
            return Outcome.POSTED
    except (ClientError, BotoCoreError) as error:
        logger.warning("a listener was not reached", connectionId=connection_id, reason=type(error).__name__)
        return Outcome.FAILED
    _count_out(connection_id)
    return Outcome.GONE


def _count_out(connection_id: str) -> None:
    """The minute's rule counts out whom this does not."""
    try:
        sessions.leave(connection_id)
    except (ClientError, BotoCoreError) as error:
        logger.warning("a gone listener was not counted out", connectionId=connection_id, reason=type(error).__name__)
