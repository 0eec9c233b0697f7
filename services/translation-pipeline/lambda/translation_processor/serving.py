"""One segment in one language: translated, spoken where the session is premium, posted."""

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial

from aws_lambda_powertools import Logger
from broadcast import callbacks, connections
from broadcast.clock import now_ms
from broadcast.segments import SegmentRequest

from translation_processor import cache, delivery, limits, speech, translate
from translation_processor.delivery import Delivery
from translation_processor.message import encode_with_audio, translation
from translation_processor.patience import patiently
from translation_processor.speech import Speech
from translation_processor.translate import Origin, Translation

logger = Logger(child=True)


@dataclass(frozen=True, kw_only=True)
class Served:
    """What was done for one language; what did not take place is None. `wants_retry`: not everybody has the words."""

    language: str
    translation: Translation | None = None
    translation_ms: int = 0
    speech: Speech | None = None
    speech_sent: bool = False
    delivery: Delivery | None = None
    failed: bool = False
    wants_retry: bool = False


@dataclass(frozen=True, kw_only=True)
class Task:
    """One segment in one language for its listeners, to be done by `ends_at_ms`. `aloud`: with speech, where it has a
    voice."""

    segment: SegmentRequest
    language: str
    connection_ids: Sequence[str]
    ends_at_ms: int
    aloud: bool


def serve(task: Task, posts: Executor) -> Served:
    """Never raises: what went wrong is logged and said in the answer, and other languages know nothing of it."""
    try:
        served = _serve(task, posts)
    except Exception as error:
        logger.exception("a language failed", language=task.language)
        return Served(language=task.language, failed=True, wants_retry=not translate.is_hopeless(error))
    if served.translation is not None and served.translation.origin is Origin.SERVICE:
        # The listeners have their words: nobody waits for the cache.
        text, source = task.segment.sourceText, task.segment.sourceLanguage
        cache.store(text, served.translation.text, source=source, target=task.language)
    return served


def _come_since(task: Task, until_ms: int) -> list[str]:
    """Who has come since the listeners were looked up: one that was gone may have gone over to a new connection while
    the words were translated."""
    listeners = patiently(partial(connections.listeners, task.segment.sessionId, task.language), until_ms=until_ms)
    known = set(task.connection_ids)
    return [one.connectionId for one in listeners if not one.isPaused and one.connectionId not in known]


def _serve(task: Task, posts: Executor) -> Served:
    segment, language = task.segment, task.language
    began_ms = now_ms()
    translated = translate.translate(segment.sourceText, source=segment.sourceLanguage, target=language)
    translation_ms = now_ms() - began_ms
    message = translation(segment, language=language, text=translated.text)
    said = speech.speak(translated.text, language=language, dynamics=segment.dynamics) if task.aloud else None
    with_audio = encode_with_audio(message, said.audio) if said is not None and said.audio is not None else None
    until_ms = task.ends_at_ms - limits.TIME_TO_SETTLE_MS
    deliver = partial(
        delivery.deliver,
        with_audio or callbacks.encode(message),
        callback_url=segment.callbackUrl,
        posts=posts,
        until_ms=until_ms,
    )
    delivered = deliver(connection_ids=task.connection_ids)
    if delivered.gone:
        delivered += deliver(connection_ids=_come_since(task, until_ms))
    return Served(
        language=language,
        translation=translated,
        translation_ms=translation_ms,
        speech=said,
        speech_sent=with_audio is not None,
        delivery=delivered,
        failed=delivered.failed > 0,
        wants_retry=delivered.failed > 0,
    )
