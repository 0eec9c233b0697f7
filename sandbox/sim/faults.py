"""What may go wrong, as data: every field is a share in thousandths or a duration, and is off by default."""

import dataclasses
from dataclasses import dataclass

from sandbox.sim.errors import UnknownFaultError


@dataclass(frozen=True, kw_only=True)
class Faults:
    """The faults of one run. Shares are of 1,000 occasions; fields that end in `_ms` are durations."""

    table_throttled: int = 0
    """DynamoDB answers ProvisionedThroughputExceededException."""
    queue_failed: int = 0
    """SQS answers InternalFailure."""
    call_failed: int = 0
    """Any other AWS call answers with an error of the service's."""
    call_slow: int = 0
    """An answer is `call_slow_ms` late; what was asked has been done."""
    call_slow_ms: int = 3_000
    answer_lost: int = 0
    """A call is carried out and answered with an error: its retry meets what it did itself."""
    tables_down_ms: int = 0
    """DynamoDB throttles everything for so long, once, from a drawn moment on."""
    queues_down_ms: int = 0
    """SQS fails at everything for so long, once."""
    transcribe_down_ms: int = 0
    """Transcribe refuses every stream for so long, once; those that are open end."""
    event_duplicated: int = 0
    """Lambda delivers an asynchronous event twice."""
    event_late: int = 0
    """Lambda delivers an asynchronous event up to `event_late_ms` late."""
    event_late_ms: int = 4_000
    environment_lost: int = 0
    """An environment ends in the middle of an invocation, at a moment of its first 50 s."""
    environment_lost_at_call: int = 0
    """An environment ends at one of its AWS calls, just before or just after it is carried out."""
    environment_lost_at_invoke: int = 0
    """An environment ends just after it has invoked a function: whatever it was to note of that is not noted."""
    handover_lost: int = 0
    """A stream worker that has a predecessor ends, or that predecessor does, while one hands over to the other."""
    last_words_lost: int = 0
    """A stream worker ends while it hears the last words, up to `last_words_lost_ms` after its session was ended."""
    last_words_lost_ms: int = 3_000
    cold_start_slow: int = 0
    """An environment takes `cold_start_slow_ms` longer to start."""
    cold_start_slow_ms: int = 6_000
    clock_step_ms: int = 0
    """Each environment's clock jumps by up to this much, either way, within its first minute."""
    message_duplicated: int = 0
    """SQS delivers a message twice."""
    message_late: int = 0
    """SQS delivers a message up to `message_late_ms` late, behind later ones."""
    message_late_ms: int = 1_500
    disconnect_duplicated: int = 0
    """A $disconnect is delivered twice."""
    disconnect_lost: int = 0
    """A $disconnect is never delivered."""
    listener_deaf: int = 0
    """A listener reads nothing after its join: its connection takes no more."""
    stream_failed: int = 0
    """A Transcribe stream ends with an exception within 40 s of its begin, at any frame."""
    stream_refused: int = 0
    """A Transcribe stream is refused."""
    translation_slow: int = 0
    """A translation takes `translation_slow_ms` longer."""
    translation_slow_ms: int = 3_500

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

    def without(self, name: str) -> "Faults":
        """The same but for one fault."""
        return dataclasses.replace(self, **{name: getattr(Faults(), name)})


EVERYTHING = Faults(
    table_throttled=5, queue_failed=5, call_failed=5, call_slow=3, answer_lost=3, event_duplicated=20, event_late=10,
    environment_lost=5, environment_lost_at_call=1, environment_lost_at_invoke=5, handover_lost=100,
    last_words_lost=100, cold_start_slow=50, clock_step_ms=200, message_duplicated=10, message_late=10,
    disconnect_duplicated=100, disconnect_lost=100, listener_deaf=30, stream_failed=50, stream_refused=30,
    translation_slow=10,
)  # fmt: skip
"""A bit of everything that may go wrong at any time; outages are asked for by name."""
