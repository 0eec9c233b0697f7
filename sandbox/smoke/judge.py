"""What the messages of a speaker and a listener prove. Pure; each judgement returns its reason or raises."""

from collections.abc import Mapping, Sequence
from typing import Any

from sandbox.report.words import compare
from sandbox.smoke.steps import StepFailedError
from sandbox.text import fold

Message = Mapping[str, Any]

HEARD_PERCENT = 70
"""Words of the recording that must arrive: a recogniser errs, and one that hears something else gets few."""


def accepted(sent: int, answers: Sequence[Message]) -> str:
    """Audio was taken: the speaker was told of no refusal. Raises StepFailedError."""
    refused = [one for one in answers if one.get("type") in ("error", "rateLimitWarning")]
    if refused:
        first = refused[0]
        raise StepFailedError(
            f"expected {sent} chunks to be taken, {len(refused)} refusals came, the first "
            f"{first.get('code', 'a warning')}: {first.get('message')}"
        )
    return f"{sent} chunks sent in real time, none refused"


def heard_percent(spoken: Sequence[str], translations: Sequence[Message]) -> int:
    """How much of the words arrived, in whole percent; a corrected segment counts as corrected."""
    texts: dict[str, tuple[int, str]] = {}
    for one in translations:
        replaced = one.get("correctionOf")
        key = str(replaced or one["segmentId"])
        sequence = texts[key][0] if key in texts else int(one["sequence"])
        texts[key] = (sequence, str(one["sourceText"]))
    arrived = [word for _, text in sorted(texts.values()) for word in fold(text)]
    return 100 * len(compare(spoken, arrived).matched) // max(1, len(spoken))


def forwarded(spoken: Sequence[str], translations: Sequence[Message], language: str) -> str:
    """The listener read the words, in the language asked for. Raises StepFailedError."""
    percent = heard_percent(spoken, translations)
    if percent < HEARD_PERCENT:
        raise StepFailedError(
            f"expected at least {HEARD_PERCENT} % of the {len(spoken)} words to reach the listener, got {percent} %"
        )
    for one in translations:
        if one.get("language") != language or not str(one.get("text", "")).strip():
            raise StepFailedError(
                f"expected texts in {language}, got {one.get('text')!r} in {one.get('language')} ({one['segmentId']})"
            )
    return f"{percent} % of {len(spoken)} words in {len(translations)} messages in {language}"


def emotion(translations: Sequence[Message]) -> str:
    """Volume and rate came with the translations. Raises StepFailedError."""
    carrying = [one["dynamics"] for one in translations if {"volume", "rate"} <= set(one.get("dynamics") or {})]
    if not carrying:
        raise StepFailedError(f"expected dynamics (volume, rate) in the {len(translations)} translations, got none")
    shown = sorted({f"{one['volume']}/{one['rate']}" for one in carrying})
    return f"{len(carrying)} of {len(translations)} messages carry volume/rate: {', '.join(shown)}"


def state_is(message: Message, *, paused: bool, muted: bool) -> None:
    """The session's state as a message has it. Raises StepFailedError."""
    state = message.get("broadcastState") or {}
    if (state.get("isPaused"), state.get("isMuted")) != (paused, muted):
        raise StepFailedError(
            f"expected {message.get('type')} to say isPaused {paused} and isMuted {muted}, got {dict(state)}"
        )


def status(message: Message, *, session_id: str, language: str) -> str:
    """One listener, in one language, of this session, on the air. Raises StepFailedError."""
    got = {name: message.get(name) for name in ("sessionId", "listenerCount", "languageDistribution")}
    wanted = {"sessionId": session_id, "listenerCount": 1, "languageDistribution": {language: 1}}
    if got != wanted:
        raise StepFailedError(f"expected {wanted}, got {got}")
    state_is(message, paused=False, muted=False)
    return f"1 listener in {language}, {message.get('sessionDurationMs')} ms old, neither paused nor muted"
