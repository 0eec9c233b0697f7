"""How long to wait before something is tried again: longer each time, and never in step with others. Pure."""

from audio_processor import limits


def wait_ms(attempt: int, jitter: float) -> int:
    """Milliseconds before the try after number `attempt` (from 0); `jitter` is drawn evenly from 0 to 1."""
    full_ms = min(limits.RETRY_FIRST_MS << min(attempt, 16), limits.RETRY_MOST_MS)
    return round(full_ms * (0.5 + jitter / 2))
