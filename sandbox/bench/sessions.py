"""Many sessions at once against one alone, in the same sandbox: what a crowd costs each of its listeners."""

import asyncio
import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sandbox.bench.broadcast import Broadcast, Heard
from sandbox.demo.plan import DemoPlan
from sandbox.live.client import ask
from sandbox.live.state import SandboxState
from sandbox.report.distribution import distribution, quantile

LANGUAGES = ("es", "fr")
RATIO_LIMIT = 1.5
ACKNOWLEDGED_LIMIT_MS = 100
STATUS_LIMIT_MS = 500
P95_NEEDS_ANSWERS = 100
"""A speaker is answered far less often than its listeners hear words."""
OPENED_APART_S = 4.0
"""A fleet's sessions are of every age: each is opened this much after the one before, so that their stream workers,
which last for less than a minute, do not all change hands at once."""


@dataclass(frozen=True, kw_only=True)
class Crowd:
    """How many sessions, how many listeners each."""

    sessions: int
    listeners: int

    @property
    def languages(self) -> tuple[str, ...]:
        return tuple(itertools.islice(itertools.cycle(LANGUAGES), self.listeners))


async def measure(state: SandboxState, plan: DemoPlan, crowd: Crowd) -> dict[str, Any]:
    """One session alone, then all at once; the figures of both and what is beyond its limit."""
    # Each recording once: what a crowd's first sentences start, its next find at rest.
    rehearsal = tuple(dict.fromkeys(plan.recordings))
    playing = DemoPlan(recordings=(*rehearsal, *plan.recordings), listen=crowd.languages)
    alone = await _play(state, playing, range(1), rehearsed=len(rehearsal))
    together = await _play(state, playing, range(1, crowd.sessions + 1), rehearsed=len(rehearsal))
    return judged({"alone": alone, "together": together})


async def _play(state: SandboxState, plan: DemoPlan, numbers: range, *, rehearsed: int) -> dict[str, Any]:
    broadcasts = []
    ready = asyncio.Barrier(len(numbers))
    for place, number in enumerate(numbers):
        token = (await asyncio.to_thread(ask, state, "POST", "token", {"user": f"bench-{number}"}))["token"]
        # Each begins elsewhere in the recordings: a crowd does not end its sentences together.
        first = number % len(plan.recordings)
        own = DemoPlan(recordings=plan.recordings[first:] + plan.recordings[:first], listen=plan.listen)
        broadcasts.append(
            Broadcast(
                url=state.webSocketUrl, number=number, token=token, plan=own, rehearsed=rehearsed,
                opens_after_s=place * OPENED_APART_S, ready=ready,
            )
        )  # fmt: skip
    heard: list[Heard] = [one for group in await asyncio.gather(*(one.run() for one in broadcasts)) for one in group]
    return {
        "sessions": len(broadcasts),
        "listeners": len(heard),
        "spoken_s": round(plan.duration_ms / 1000),
        "word_to_listener_ms": distribution(late for one in heard for late in one.late_ms),
        "omitted_words": sum(one.omitted for one in heard),
        "duplicated_words": sum(one.duplicated for one in heard),
        "wrong_words": sum(one.wrong for one in heard),
        "control_to_ack_ms": answers(ms for one in broadcasts for ms in one.acknowledged_ms),
        "status_ms": answers(ms for one in broadcasts for ms in one.told_ms),
    }


def answers(values: Iterable[int]) -> dict[str, Any]:
    """As `distribution`, with the 95th percentile from a hundred values on."""
    ordered = sorted(values)
    found = distribution(ordered)
    return found if len(ordered) < P95_NEEDS_ANSWERS else found | {"p95": quantile(ordered, 0.95)}


def judged(figures: dict[str, Any]) -> dict[str, Any]:
    """The figures with their ratio and a line for each that is beyond its limit."""
    alone, together = figures["alone"], figures["together"]
    latencies = [one["word_to_listener_ms"]["p95"] for one in (alone, together)]
    ratio = round(latencies[1] / latencies[0], 2) if all(latencies) else None
    beyond = []
    for name in ("omitted_words", "duplicated_words", "wrong_words"):
        if together[name] or alone[name]:
            beyond.append(f"{name}: expected 0, got {alone[name]} alone and {together[name]} together")
    if ratio is None or ratio > RATIO_LIMIT:
        beyond.append(f"word to listener p95: expected at most {RATIO_LIMIT} of one session's, got {ratio}")
    # The greatest stands in for the 95th percentile of few.
    for name, limit in (("control_to_ack_ms", ACKNOWLEDGED_LIMIT_MS), ("status_ms", STATUS_LIMIT_MS)):
        value = together[name]["p95"] if together[name]["p95"] is not None else together[name]["max"]
        if value is not None and value > limit:
            beyond.append(f"{name}: expected at most {limit}, got {value}")
    return {**figures, "ratio": ratio, "beyond": beyond}
