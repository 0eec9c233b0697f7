"""The pipeline's metrics, in CloudWatch's embedded metric format: log lines, no call on the hot path.

All are in the namespace POWERTOOLS_METRICS_NAMESPACE with the one dimension `service` (POWERTOOLS_SERVICE_NAME).
"""

from collections.abc import Iterable
from functools import cache

from aws_lambda_powertools import Metrics
from aws_lambda_powertools.metrics import MetricUnit

from translation_processor.serving import Served
from translation_processor.translate import Origin

TRANSLATION_LATENCY = "TranslationLatency"
"""Milliseconds from the start of a language to its text, whatever it came from."""
TRANSLATION_ERRORS = "TranslationErrors"
"""Count: languages of a segment that did not reach all their listeners."""
TRANSLATION_RETRIES = "TranslationRetries"
"""Count: the client's own retries before Translate answered."""
CACHE_HITS = "CacheHits"
"""Count: translations from memory or from the table."""
CACHE_MISSES = "CacheMisses"
"""Count: translations that were paid for."""
SPEECH_LATENCY = "SpeechLatency"
"""Milliseconds of speech synthesis, which the text waits for; premium sessions alone."""
SPEECH_ERRORS = "SpeechErrors"
"""Count: texts that went out without audio because Polly failed or was too slow."""
SPEECH_DROPPED = "SpeechDropped"
"""Count: audio left out because the message would not fit into a frame."""
LISTENERS_POSTED = "ListenersPosted"
"""Count: messages that API Gateway took."""
LISTENERS_GONE = "ListenersGone"
"""Count: listeners that were counted out because their connection was gone."""
POST_ERRORS = "PostErrors"
"""Count: listeners that were not reached."""
SEGMENT_DELAY = "SegmentDelay"
"""Milliseconds from a segment's release to its last listener."""


@cache
def _metrics() -> Metrics:
    return Metrics()


def record(served: Iterable[Served], *, delay_ms: int) -> None:
    """Write what was done for one segment. To be called from one thread, once for each invocation."""
    for one in served:
        if one.failed:
            _count(TRANSLATION_ERRORS, 1)
        if one.translation is not None:
            _time(TRANSLATION_LATENCY, one.translation_ms)
            _count(TRANSLATION_RETRIES, one.translation.retries)
            _count(CACHE_HITS, int(one.translation.origin in (Origin.MEMORY, Origin.TABLE)))
            _count(CACHE_MISSES, int(one.translation.origin is Origin.SERVICE))
        if one.speech is not None:
            _time(SPEECH_LATENCY, one.speech.took_ms)
            _count(SPEECH_ERRORS, int(one.speech.failed))
            _count(SPEECH_DROPPED, int(one.speech.audio is not None and not one.speech_sent))
        if one.delivery is not None:
            _count(LISTENERS_POSTED, one.delivery.posted)
            _count(LISTENERS_GONE, one.delivery.gone)
            _count(POST_ERRORS, one.delivery.failed)
            _time(SEGMENT_DELAY, delay_ms)
    if _metrics().metric_set:
        _metrics().flush_metrics()


def _count(name: str, value: int) -> None:
    if value:
        _metrics().add_metric(name=name, unit=MetricUnit.Count, value=value)


def _time(name: str, value_ms: int) -> None:
    _metrics().add_metric(name=name, unit=MetricUnit.Milliseconds, value=value_ms)
