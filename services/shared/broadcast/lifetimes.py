"""How long a session lives: from its creation, or from its speaker's last refresh."""

from dataclasses import dataclass

from broadcast import settings

HOUR_MS = 3_600_000


@dataclass(frozen=True, kw_only=True)
class Lifetime:
    """`ends_at_ms` is when the session ends at the latest, `expires_at` (epoch seconds) when its item may go."""

    ends_at_ms: int
    expires_at: int


def from_now(now_ms: int) -> Lifetime:
    """As configured. The item outlives the session, so that whoever comes late is told that it has ended."""
    ends_at_ms = now_ms + int(settings.variable("SESSION_MAX_DURATION_HOURS")) * HOUR_MS
    kept_ms = int(settings.variable("DATA_RETENTION_HOURS")) * HOUR_MS
    return Lifetime(ends_at_ms=ends_at_ms, expires_at=(ends_at_ms + kept_ms) // 1000)
