"""Trying again within the invocation: Lambda's own retry of an event comes a minute later, which is late for words."""

import random
import time
from collections.abc import Callable
from typing import TypeVar

from aws_lambda_powertools import Logger
from botocore.exceptions import BotoCoreError, ClientError
from broadcast.clock import now_ms

from translation_processor import limits

logger = Logger(child=True)

Answer = TypeVar("Answer")


def patiently(work: Callable[[], Answer], *, until_ms: int) -> Answer:
    """The work's answer, tried again with growing waits and jitter until then, when other work is due.

    Each try has the client's own retries in it. Raises the last failure.
    """
    attempt = 0
    while True:
        try:
            return work()
        except (ClientError, BotoCoreError) as error:
            wait_s = min(limits.FIRST_WAIT_S * 2**attempt, limits.LONGEST_WAIT_S) * random.uniform(0.5, 1)
            if attempt + 1 >= limits.TRIES or now_ms() + wait_s * 1_000 > until_ms:
                raise
            logger.warning("a service did not answer, it is asked again", reason=type(error).__name__)
            time.sleep(wait_s)
            attempt += 1
