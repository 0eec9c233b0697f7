"""One segment in, one message to every listener of the session out; one language's failure touches no other."""

import os
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, Protocol

from aws_lambda_powertools import Logger
from botocore.exceptions import BotoCoreError, ClientError
from broadcast import aws, connections, segments
from broadcast.clock import now_ms
from broadcast.segments import SegmentRequest

from translation_processor import claims, limits, metrics
from translation_processor.claims import Attempt
from translation_processor.errors import LanguagesFailedError
from translation_processor.patience import patiently
from translation_processor.serving import Served, Task, serve

logger = Logger()


class Invocation(Protocol):
    """What this handler asks of Lambda's context."""

    aws_request_id: str

    def get_remaining_time_in_millis(self) -> int: ...


def handler(event: dict[str, Any], context: Invocation) -> None:
    """An asynchronous invocation by the audio processor; delivery to listeners is at least once.

    Raises LanguagesFailedError when every language was tried and some failed: the event is then given once more, and
    those alone are delivered.
    """
    segment = segments.from_payload(event)
    logger.append_keys(sessionId=segment.sessionId, segmentId=segment.segmentId)
    attempt = Attempt(owner=context.aws_request_id, ends_at_ms=now_ms() + context.get_remaining_time_in_millis())
    tasks = _claimed(_tasks(segment, attempt), segment, attempt)
    if not tasks:
        return
    with (
        ThreadPoolExecutor(max_workers=limits.LANGUAGES_AT_ONCE) as languages,
        ThreadPoolExecutor(max_workers=aws.POSTS_AT_ONCE) as posts,
    ):
        served = list(languages.map(partial(serve, posts=posts), tasks))
    _settle(segment, attempt, served)
    metrics.record(served, delay_ms=now_ms() - segment.releasedAtMs)
    failed = [one.language for one in served if one.wants_retry]
    if failed:
        raise LanguagesFailedError(segment_id=segment.segmentId, languages=failed)


def _tasks(segment: SegmentRequest, attempt: Attempt) -> list[Task]:
    """One for each language that somebody listens to; none costs a translation that nobody reads.

    A listener that has paused is sent nothing, then or later.
    """
    until_ms = attempt.ends_at_ms - limits.TIME_TO_DELIVER_MS
    by_language: dict[str, list[str]] = defaultdict(list)
    for listener in patiently(partial(connections.listeners, segment.sessionId), until_ms=until_ms):
        if not listener.isPaused:
            by_language[str(listener.targetLanguage)].append(listener.connectionId)
    aloud = segment.qualityTier in os.environ.get("SPEECH_TIERS", "").split(",")
    return [
        Task(
            segment=segment,
            language=language,
            connection_ids=tuple(ids),
            ends_at_ms=attempt.ends_at_ms,
            aloud=aloud,
        )
        for language, ids in by_language.items()
    ]


def _claimed(tasks: list[Task], segment: SegmentRequest, attempt: Attempt) -> list[Task]:
    """Those that are this attempt's to do."""
    if not tasks:
        return []
    take = partial(claims.take, segment.segmentId, attempt)
    done = patiently(take, until_ms=attempt.ends_at_ms - limits.TIME_TO_DELIVER_MS)
    return [] if done is None else [task for task in tasks if task.language not in done]


def _settle(segment: SegmentRequest, attempt: Attempt, served: Sequence[Served]) -> None:
    """What may wait until the listeners have their words."""
    done = [one.language for one in served if not one.wants_retry]
    try:
        if done:
            claims.done(segment.segmentId, done)
        if len(done) < len(served):
            claims.give_back(segment.segmentId, attempt)
    except (ClientError, BotoCoreError) as error:
        # Without its end the claim's lease expires: at worst the segment comes twice, which clients drop.
        logger.warning("a claim was not ended", reason=type(error).__name__)
