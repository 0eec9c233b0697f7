"""What a connection of a given age is told besides the acknowledgement. Pure.

API Gateway ends a WebSocket connection after two hours ("Amazon API Gateway quotas": connection duration, 2 hours).
"""

from typing import Any

CONNECTION_LIFE_MS = 2 * 3600 * 1000


def notices(*, age_ms: int, refresh_from_ms: int, warn_from_ms: int) -> list[dict[str, Any]]:
    """`connectionRefreshRequired` from one age on, `connectionWarning` too from a later one."""
    told: list[dict[str, Any]] = []
    remaining_s = max(0, CONNECTION_LIFE_MS - age_ms) // 1000
    if age_ms >= refresh_from_ms:
        told.append({"type": "connectionRefreshRequired"})
    if age_ms >= warn_from_ms:
        told.append({"type": "connectionWarning", "remainingSeconds": remaining_s})
    return told
