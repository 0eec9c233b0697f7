"""One segment in, one message to every listener of the session out; one language's failure touches no other."""

import os
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, Protocol

from aws_lambda_powertools import Logger
from broadcast import aws, connections, segments
from broadcast.clock import now_ms
from broadcast.segments import SegmentRequest

from translation_processor import limits, metrics
from translation_processor.claims import Attempt
from translation_processor.errors import LanguagesFailedError
from translation_processor.patience import patiently
from translation_processor.serving import Task, serve

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
    tasks = _tasks(segment, context)
    if not tasks:
        return
    with (
        ThreadPoolExecutor(max_workers=limits.LANGUAGES_AT_ONCE) as languages,
        ThreadPoolExecutor(max_workers=aws.POSTS_AT_ONCE) as posts,
    ):
        served = list(languages.map(partial(serve, posts=posts), tasks))
    metrics.record(served, delay_ms=now_ms() - segment.releasedAtMs)
    failed = [one.language for one in served if one.wants_retry]
    if failed:
        raise LanguagesFailedError(segment_id=segment.segmentId, languages=failed)


def _tasks(segment: SegmentRequest, context: Invocation) -> list[Task]:
    """One for each language that somebody listens to; none costs a translation that nobody reads.

    A listener that has paused is sent nothing, then or later.
    """
    attempt = Attempt(owner=context.aws_request_id, ends_at_ms=now_ms() + context.get_remaining_time_in_millis())
    until_ms = attempt.ends_at_ms - limits.TIME_TO_DELIVER_MS
    by_language: dict[str, list[str]] = defaultdict(list)
    for listener in patiently(partial(connections.listeners, segment.sessionId), until_ms=until_ms):
        if not listener.isPaused:
            by_language[str(listener.targetLanguage)].append(listener.connectionId)
    aloud = segment.qualityTier in os.environ.get("SPEECH_TIERS", "").split(",")
    return [
        Task(segment=segment, language=language, connection_ids=tuple(ids), attempt=attempt, aloud=aloud)
        for language, ids in by_language.items()
    ]
