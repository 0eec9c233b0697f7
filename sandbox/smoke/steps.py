"""What a smoke test found: seven steps in order, each with its reason and its time. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

NAMES = (
    "speaker connection and session creation",
    "audio chunks over sendAudio",
    "Transcribe stream initialisation",
    "transcripts forwarded to the translation pipeline",
    "emotion data included",
    "control messages (pause, resume, mute)",
    "session status",
)
"""The record's own list."""


class StepFailedError(RuntimeError):
    """A step did not find what it expected; the text says what, and what came."""


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step. `passed` is None for one that was not tried; `took_ms` is until the evidence came."""

    name: str
    passed: bool | None
    took_ms: int | None
    reason: str


def to_json(steps: Sequence[Step], *, target: str, at_ms: int) -> dict[str, Any]:
    """The result of a smoke test at `at_ms` (epoch); `target` is the address without its query."""
    return {
        "passed": is_good(steps),
        "target": target,
        "atMs": at_ms,
        "steps": [
            {"name": one.name, "passed": one.passed, "tookMs": one.took_ms, "reason": one.reason} for one in steps
        ],
    }


def is_good(steps: Sequence[Step]) -> bool:
    """Every step was tried and passed."""
    return len(steps) == len(NAMES) and all(one.passed for one in steps)


def line(step: Step) -> str:
    """One step in a terminal."""
    verdict = {True: "pass", False: "FAIL", None: "----"}[step.passed]
    took = "" if step.took_ms is None else f"{step.took_ms} ms"
    return f"{verdict}  {step.name:<{max(map(len, NAMES))}}  {took:>8}  {step.reason}"
