"""One segment in, one message to every listener of the session out; one language's failure touches no other."""

from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from aws_lambda_powertools import Logger
from broadcast import callbacks, connections, segments, sessions
from broadcast.connections import ConnectionRecord
from broadcast.segments import SegmentRequest

from translation_processor import claims, translate

logger = Logger()

PARALLEL_POSTS = 16
"""Posts under way at once in one environment; botocore keeps ten connections a client, so a few of them wait."""


def handler(event: dict[str, Any], _context: object) -> None:
    """An asynchronous invocation by the audio processor; delivery to listeners is at least once."""
    segment = segments.from_payload(event)
    logger.append_keys(sessionId=segment.sessionId, segmentId=segment.segmentId)
    by_language: dict[str, list[ConnectionRecord]] = defaultdict(list)
    for listener in connections.listeners(segment.sessionId):
        by_language[str(listener.targetLanguage)].append(listener)
    if not by_language:
        return
    with ThreadPoolExecutor(max_workers=PARALLEL_POSTS) as pool:
        failures = [
            language
            for language, failed in zip(
                by_language,
                pool.map(lambda language: _serve(segment, language, by_language[language]), by_language),
                strict=True,
            )
            if failed
        ]
    if failures:
        logger.error("languages failed", languages=failures)


def _serve(segment: SegmentRequest, language: str, listeners: list[ConnectionRecord]) -> bool:
    """Translate for one language and post to its listeners; True when that failed."""
    try:
        if not claims.claim(segment.segmentId, language):
            return False
        text = translate.translate(segment.sourceText, source=segment.sourceLanguage, target=language)
        message = _message(segment, language, text)
        for listener in listeners:
            if not callbacks.post(segment.callbackUrl, listener.connectionId, message):
                sessions.leave(listener.connectionId)
    except Exception:
        logger.exception("language failed", language=language)
        return True
    return False


def _message(segment: SegmentRequest, language: str, text: str) -> dict[str, Any]:
    message: dict[str, Any] = {
        "type": "translation",
        "sessionId": segment.sessionId,
        "segmentId": segment.segmentId,
        "sequence": segment.sequence,
        "language": language,
        "text": text,
        "sourceText": segment.sourceText,
        "startMs": segment.startMs,
        "endMs": segment.endMs,
        "isFinal": segment.isFinal,
    }
    if segment.correctionOf is not None:
        message["correctionOf"] = segment.correctionOf
    if segment.dynamics is not None:
        message["dynamics"] = segment.dynamics
    return message
