"""When a worker starts its successor, and when it makes the cut. Pure.

The scheme: there is one owner at any time, and the cut lies at the last committed word.
1. With 20 s left the worker invokes its successor, which warms up, opens its Transcribe stream, announces itself in the
   lease, tells the worker that it has, and looks at the lease every 100 ms.
2. Once announced, the worker cuts at the first moment at which nothing is pending in the core, or at the end of the
   window whatever is being said. It stops receiving, sends what is numbered, makes every message that is not covered
   visible at once, and passes the lease in one conditional write that carries the checkpoint.
3. The successor receives those messages anew and feeds them from half a second before the cut; words whose middle lies
   before the cut are dropped. Words that the old worker had heard but not committed are recognised again.
So an orderly handover and a crash differ in nothing but when the messages come back. Nothing of the old stream is used
after the cut, no number is given out twice, and there is no moment with two owners. Its price is that the audio since
the last committed word is heard twice by Transcribe: about a second at a boundary, a clause at a forced cut.
"""

from dataclasses import dataclass
from enum import Enum, auto

from audio_processor import limits


class Step(Enum):
    """What the worker does about its end."""

    GO_ON = auto()
    START_SUCCESSOR = auto()
    CUT = auto()
    LET_GO = auto()
    """The time is up and no successor has announced itself: release the lease, the next chunk starts a worker."""


@dataclass(frozen=True, kw_only=True)
class Window:
    """The end of an invocation, by the epoch clock."""

    ends_at_ms: int

    @property
    def opens_at_ms(self) -> int:
        return self.ends_at_ms - limits.SUCCESSOR_LEAD_MS

    @property
    def closes_at_ms(self) -> int:
        return self.ends_at_ms - limits.CUT_LATEST_MS


def decide(*, window: Window, now_ms: int, started_at_ms: int | None, announced: bool, at_boundary: bool) -> Step:
    """The next step. `started_at_ms` is when a successor was last invoked; `announced`, that one stands ready."""
    if now_ms < window.opens_at_ms:
        return Step.GO_ON
    if now_ms >= window.closes_at_ms:
        return Step.CUT if announced else Step.LET_GO
    if announced:
        return Step.CUT if at_boundary else Step.GO_ON
    if started_at_ms is None or now_ms - started_at_ms >= limits.SUCCESSOR_RETRY_MS:
        return Step.START_SUCCESSOR
    return Step.GO_ON
