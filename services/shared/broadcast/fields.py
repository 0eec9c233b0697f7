"""Fields of a message, each checked where it is read: what was expected and what came, in one line."""

from collections.abc import Mapping
from typing import Any

from broadcast import languages, session_ids
from broadcast.errors import Refusal

Message = Mapping[str, Any]


def _shown(value: object) -> str:
    return "nothing" if value is None else f"{type(value).__name__} {str(value)[:40]!r}"


def session_id(message: Message) -> str:
    """A well-formed session id. Raises Refusal INVALID_SESSION_ID."""
    value = message.get("sessionId")
    if not isinstance(value, str) or not session_ids.is_well_formed(value):
        raise Refusal("INVALID_SESSION_ID", f"sessionId: expected adjective-noun-NNN, got {_shown(value)}")
    return value


def source_language(message: Message) -> str:
    """A language that can be spoken. Raises Refusal UNSUPPORTED_LANGUAGE."""
    value = message.get("sourceLanguage")
    if not isinstance(value, str) or not languages.is_source(value):
        known = ", ".join(sorted(languages.TRANSCRIBE_CODES))
        raise Refusal("UNSUPPORTED_LANGUAGE", f"sourceLanguage: expected one of {known}, got {_shown(value)}")
    return value


def target_language(message: Message) -> str:
    """A language that can be listened to. Raises Refusal UNSUPPORTED_LANGUAGE."""
    value = message.get("targetLanguage")
    if not isinstance(value, str) or not languages.is_target(value):
        raise Refusal(
            "UNSUPPORTED_LANGUAGE", f"targetLanguage: expected a supported two-letter code, got {_shown(value)}"
        )
    return value


def text(message: Message, name: str, *, most: int) -> str:
    """A text of 1 to `most` characters. Raises Refusal INVALID_PARAMETER."""
    value = message.get(name)
    if not isinstance(value, str) or not 1 <= len(value) <= most:
        raise Refusal("INVALID_PARAMETER", f"{name}: expected 1 to {most} characters, got {_shown(value)}")
    return value


def choice(message: Message, name: str, allowed: tuple[str, ...], default: str | None = None) -> str:
    """One of the allowed words, or the default where one is given. Raises Refusal INVALID_PARAMETER."""
    value = message.get(name, default)
    if not isinstance(value, str) or value not in allowed:
        raise Refusal("INVALID_PARAMETER", f"{name}: expected one of {', '.join(allowed)}, got {_shown(value)}")
    return value


def fraction(message: Message, name: str) -> float:
    """A number from 0.0 to 1.0. Raises Refusal INVALID_PARAMETER."""
    value = message.get(name)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 1:
        raise Refusal("INVALID_PARAMETER", f"{name}: expected a number from 0.0 to 1.0, got {_shown(value)}")
    return float(value)


def partial_results(message: Message) -> dict[str, Any] | None:
    """The session's own tuning of partial results, or None. Raises Refusal INVALID_PARAMETER."""
    value = message.get("partialResults")
    if value is None:
        return None
    if not isinstance(value, dict):
        raise Refusal("INVALID_PARAMETER", f"partialResults: expected an object, got {_shown(value)}")
    unknown = sorted(value.keys() - {"enabled", "minStabilityThreshold", "maxBufferTimeout"})
    if unknown:
        raise Refusal("INVALID_PARAMETER", f"partialResults: expected known fields, got {_shown(', '.join(unknown))}")
    if not isinstance(value.get("enabled", True), bool):
        raise Refusal("INVALID_PARAMETER", f"partialResults.enabled: expected a flag, got {_shown(value['enabled'])}")
    tuned: dict[str, Any] = {name: value[name] for name in ("enabled",) if name in value}
    if "minStabilityThreshold" in value:
        tuned["minStabilityThreshold"] = fraction(value, "minStabilityThreshold")
    if "maxBufferTimeout" in value:
        seconds = value["maxBufferTimeout"]
        if isinstance(seconds, bool) or not isinstance(seconds, (int, float)) or not 2 <= seconds <= 10:
            raise Refusal("INVALID_PARAMETER", f"maxBufferTimeout: expected 2 to 10 seconds, got {_shown(seconds)}")
        tuned["maxBufferTimeout"] = float(seconds)
    return tuned
