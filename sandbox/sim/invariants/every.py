"""Every checker of a run."""

from sandbox.sim.invariants.audio_flows import AudioFlows
from sandbox.sim.invariants.audio_in_order import AudioInOrder
from sandbox.sim.invariants.bounded_retries import BoundedRetries
from sandbox.sim.invariants.checker import Checker, Watching
from sandbox.sim.invariants.everything_arrives import EverythingArrives
from sandbox.sim.invariants.exactly_once_text import ExactlyOnceText
from sandbox.sim.invariants.listener_count import ListenerCount
from sandbox.sim.invariants.no_failure_unprovoked import NoFailureUnprovoked
from sandbox.sim.invariants.no_old_orphan import NoOldOrphan
from sandbox.sim.invariants.nothing_left import NothingLeft
from sandbox.sim.invariants.one_stream_owner import OneStreamOwner
from sandbox.sim.invariants.own_session_and_language import OwnSessionAndLanguage
from sandbox.sim.invariants.words_in_time import WordsInTime
from sandbox.sim.plan import Plan

KINDS: tuple[type[Watching], ...] = (
    ExactlyOnceText,
    EverythingArrives,
    WordsInTime,
    NoOldOrphan,
    AudioInOrder,
    AudioFlows,
    OneStreamOwner,
    OwnSessionAndLanguage,
    ListenerCount,
    BoundedRetries,
    NothingLeft,
    NoFailureUnprovoked,
)


def checkers(plan: Plan, *, provoked: bool, whole: bool = True) -> list[Checker]:
    """New checkers for a run; `provoked` says that faults are on, `whole` that the run goes to its end."""
    made = [kind(plan) for kind in KINDS]
    for one in made:
        one.provoked, one.whole = provoked, whole
    return [one for one in made if whole or not one.liveness]
