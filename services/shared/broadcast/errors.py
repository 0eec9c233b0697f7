"""Refusals: what a client is told when an action is not carried out."""

from typing import Any

CODES = frozenset(
    "INVALID_MESSAGE INVALID_PARAMETER UNAUTHORIZED_ACTION SESSION_NOT_FOUND INVALID_SESSION_ID UNSUPPORTED_LANGUAGE "
    "SESSION_FULL RATE_LIMIT_EXCEEDED MAX_SESSIONS_EXCEEDED INVALID_AUDIO_FORMAT AUDIO_CHUNK_TOO_LARGE "
    "SERVICE_UNAVAILABLE INTERNAL_ERROR".split()
)
"""The contract's codes."""


class Refusal(Exception):  # noqa: N818 - it is an answer, not a fault
    """An action that is refused; nothing was changed."""

    def __init__(self, code: str, message: str, details: dict[str, Any] | None = None) -> None:
        assert code in CODES
        super().__init__(message)
        self.code = code
        self.message = message
        self.details = details
