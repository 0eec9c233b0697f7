"""What a speaker is told of its audience, and when a change of it is worth telling. Pure."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from broadcast.connections import ConnectionRecord
from broadcast.sessions import Session

WORTH_TELLING = 0.1
"""The contract: a change of more than 10 % of the listeners."""


def languages_of(listeners: Iterable[ConnectionRecord]) -> dict[str, int]:
    """Listeners by language, sorted by it."""
    return dict(sorted(Counter(str(one.targetLanguage) for one in listeners).items()))


def reason_to_tell(
    *, told_count: int, told_languages: Sequence[str], count: int, languages: Iterable[str]
) -> str | None:
    """`newLanguage` before `listenerCountChange`, or None when nothing worth a message has changed."""
    if set(languages) - set(told_languages):
        return "newLanguage"
    if abs(count - told_count) > told_count * WORTH_TELLING:
        return "listenerCountChange"
    return None


def message(session: Session, languages: dict[str, int], *, reason: str, now_ms: int) -> dict[str, Any]:
    """The contract's `sessionStatus`."""
    return {
        "type": "sessionStatus",
        "sessionId": session.sessionId,
        "listenerCount": session.listenerCount,
        "languageDistribution": languages,
        "sessionDurationMs": now_ms - session.createdAtMs,
        "broadcastState": session.broadcast_state(),
        "updateReason": reason,
    }
