"""The figures of one phase of a bench."""

from typing import Any


def phase(p95: int | None, *, ack: int = 50, status: int = 100, omitted: int = 0) -> dict[str, Any]:
    def few(value: int) -> dict[str, Any]:
        return {"p95": None, "max": value}

    return {
        "word_to_listener_ms": {"p95": p95, "max": p95},
        "omitted_words": omitted,
        "duplicated_words": 0,
        "wrong_words": 0,
        "control_to_ack_ms": few(ack),
        "status_ms": few(status),
    }
