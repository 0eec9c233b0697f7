"""Draws what goes wrong, each time something may."""

import dataclasses
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from sandbox.sim.faults import Faults
from sandbox.sim.scheduler import US_PER_MS, US_PER_S

DOWN_FROM_US, DOWN_UNTIL_US = 6 * US_PER_S, 20 * US_PER_S
"""When an outage begins, after the run does: while somebody speaks."""
DOWN = {"dynamodb": "tables_down_ms", "sqs": "queues_down_ms", "transcribe": "transcribe_down_ms"}
"""The fault by which a service is down."""
STEP_WITHIN_US = 60 * US_PER_S


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What becomes of one call. `ends` says at which side of its effect the caller's environment ends, if it does."""

    refusal: tuple[str, str] | None = None
    answer_lost: bool = False
    late_us: int = 0
    ends: Literal["before", "after"] | None = None


WELL = Verdict()


class Trouble:
    """The faults of a run. Each has draws of its own, so that leaving one out moves no other.

    `active` is False once the run heals; `began_us` is the run's begin; `stream(name)` gives draws.
    """

    def __init__(self, faults: Faults, stream: Callable[[str], random.Random], *, began_us: int) -> None:
        self.faults = faults
        self._shares = {one.name: getattr(faults, one.name) for one in dataclasses.fields(faults)}
        self._draws = {name: stream(f"fault/{name}") for name, share in self._shares.items() if share}
        self.active = bool(faults.named())
        self.met: Counter[str] = Counter()
        self._down_us = {
            service: (at_us, at_us + self._shares[name] * US_PER_MS)
            for service, name in DOWN.items()
            if self._shares[name]
            for at_us in [began_us + self._draws[name].randrange(DOWN_FROM_US, DOWN_UNTIL_US)]
        }

    @property
    def count(self) -> int:
        """How many faults there were."""
        return sum(self.met.values())

    def happens(self, name: str) -> bool:
        """Whether the fault of this name happens now; its value is its share of 1,000 occasions."""
        share = self._shares[name]
        if not share or not self.active or self._draws[name].randrange(1_000) >= share:
            return False
        self.met[name] += 1
        return True

    def draw_us(self, name: str, most_us: int) -> int:
        """A moment or a duration of this fault."""
        return self._draws[name].randrange(most_us)

    def late_us(self, name: str) -> int:
        """By how much something comes late: mostly 0, else up to the fault's own `_ms`."""
        return self.draw_us(name, self._shares[f"{name}_ms"] * US_PER_MS) if self.happens(name) else 0

    def step_us(self) -> tuple[int, int] | None:
        """By how much an environment's clock will jump, and how long after its start; None for not at all."""
        most_us = self.faults.clock_step_ms * US_PER_MS
        if not most_us or not self.active:
            return None
        self.met["clock_step_ms"] += 1
        draws = self._draws["clock_step_ms"]
        return draws.randint(-most_us, most_us), draws.randrange(STEP_WITHIN_US)

    def down_span_us(self, service: str) -> tuple[int, int] | None:
        """When a service is down, or None."""
        return self._down_us.get(service)

    def is_down(self, service: str, now_us: int) -> bool:
        span = self._down_us.get(service)
        if span is None or not self.active or not span[0] <= now_us < span[1]:
            return False
        self.met[DOWN[service]] += 1
        return True

    def of_call(self, service: str, operation: str, now_us: int) -> Verdict:
        """What becomes of this call."""
        if not self.active or service == "cognito-idp":
            return WELL
        if self.is_down(service, now_us):
            return Verdict(refusal=_refusal(service))
        if self.happens({"dynamodb": "table_throttled", "sqs": "queue_failed"}.get(service, "call_failed")):
            return Verdict(refusal=_refusal(service))
        if self.happens("answer_lost"):
            return Verdict(answer_lost=True)
        if operation != "ReceiveMessage" and self.happens("call_slow"):
            return Verdict(late_us=self.faults.call_slow_ms * US_PER_MS)
        if service == "translate" and self.happens("translation_slow"):
            return Verdict(late_us=self.faults.translation_slow_ms * US_PER_MS)
        if service == "lambda" and self.happens("environment_lost_at_invoke"):
            return Verdict(ends="after")
        if self.happens("environment_lost_at_call"):
            after = self.draw_us("environment_lost_at_call", 2)
            return Verdict(ends="after" if after else "before")
        return WELL


def _refusal(service: str) -> tuple[str, str]:
    match service:
        case "dynamodb":
            return "ProvisionedThroughputExceededException", "The level of configured throughput was exceeded."
        case "lambda":
            return "TooManyRequestsException", "Rate Exceeded."
        case "sqs":
            return "InternalFailure", "We encountered an internal error. Please try again."
        case "execute-api":
            return "LimitExceededException", "Too many requests"
    return "InternalServerError", "An internal error occurred."


LOST_ANSWER = ("InternalFailure", "We encountered an internal error. Please try again.")
