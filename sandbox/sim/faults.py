"""What may go wrong, as data: every field is a share in thousandths, a duration or a moment, and none by default."""

import dataclasses
import random
from dataclasses import dataclass

from sandbox.sim.errors import UnknownFaultError
from sandbox.sim.scheduler import US_PER_MS


@dataclass(frozen=True, kw_only=True)
class Faults:
    """The faults of one run. Shares are of 1,000 occasions."""

    table_throttled: int = 0
    """DynamoDB answers ProvisionedThroughputExceededException."""
    queue_failed: int = 0
    """SQS answers InternalFailure."""
    call_failed: int = 0
    """Any other AWS call answers with an error of the service's."""
    call_slow: int = 0
    """An answer is `call_slow_ms` late; what was asked has been done."""
    call_slow_ms: int = 3_000
    event_duplicated: int = 0
    """Lambda delivers an asynchronous event twice."""
    environment_lost: int = 0
    """An environment ends in the middle of an invocation, at a moment of its first 50 s."""
    message_duplicated: int = 0
    """SQS delivers a message twice."""
    disconnect_lost: int = 0
    """A $disconnect is never delivered."""
    stream_failed: int = 0
    """A Transcribe stream ends with InternalFailureException within 20 s of its begin."""

    @classmethod
    def parse(cls, text: str) -> "Faults":
        """`name=value,name=value`, or `all` for a bit of everything. Raises UnknownFaultError."""
        if text == "all":
            return EVERYTHING
        known = {one.name for one in dataclasses.fields(cls)}
        values = {}
        for part in filter(None, text.split(",")):
            name, _, value = part.partition("=")
            if name not in known or not value.isdigit():
                raise UnknownFaultError(part, f"NAME=NUMBER with a name of {', '.join(sorted(known))}")
            values[name] = int(value)
        return cls(**values)

    def named(self) -> dict[str, int]:
        """The faults that are not at their default."""
        default = Faults()
        return {
            one.name: getattr(self, one.name)
            for one in dataclasses.fields(self)
            if getattr(self, one.name) != getattr(default, one.name)
        }


EVERYTHING = Faults(
    table_throttled=5, queue_failed=5, call_failed=5, call_slow=3, event_duplicated=20, environment_lost=5,
    message_duplicated=10, disconnect_lost=100, stream_failed=50,
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What becomes of one call."""

    refusal: tuple[str, str] | None = None
    late_us: int = 0


_WELL = Verdict()


class Trouble:
    """Draws what goes wrong, each time something may. `active` is False once the run heals."""

    def __init__(self, faults: Faults, chance: random.Random) -> None:
        self._faults = faults
        self._chance = chance
        self.active = True
        self.count = 0

    def happens(self, share: int) -> bool:
        """Whether a fault with this share of 1,000 occasions happens now."""
        if not self.active or not share or self._chance.randrange(1_000) >= share:
            return False
        self.count += 1
        return True

    def of_call(self, service: str, operation: str) -> Verdict:
        """Whether this call is refused, or its answer late."""
        faults = self._faults
        share = {"dynamodb": faults.table_throttled, "sqs": faults.queue_failed}.get(service, faults.call_failed)
        if service == "cognito-idp":
            share = 0
        if self.happens(share):
            return Verdict(refusal=_refusal(service))
        if operation != "ReceiveMessage" and self.happens(faults.call_slow):
            return Verdict(late_us=faults.call_slow_ms * US_PER_MS)
        return _WELL


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
