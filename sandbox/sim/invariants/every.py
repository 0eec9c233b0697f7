"""Every checker of a run."""

from sandbox.sim.invariants.audio_in_order import AudioInOrder
from sandbox.sim.invariants.checker import Checker
from sandbox.sim.invariants.exactly_once_text import ExactlyOnceText
from sandbox.sim.invariants.listener_count import ListenerCount
from sandbox.sim.invariants.no_failure_unprovoked import NoFailureUnprovoked
from sandbox.sim.invariants.nothing_left import NothingLeft
from sandbox.sim.invariants.one_stream_owner import OneStreamOwner
from sandbox.sim.invariants.own_session_and_language import OwnSessionAndLanguage
from sandbox.sim.plan import Plan


def checkers(plan: Plan, *, provoked: bool) -> list[Checker]:
    """New checkers for a run; `provoked` says that faults are on."""
    calm = NoFailureUnprovoked(plan)
    calm.provoked = provoked
    return [
        ExactlyOnceText(plan),
        AudioInOrder(plan),
        OneStreamOwner(plan),
        OwnSessionAndLanguage(plan),
        ListenerCount(plan),
        NothingLeft(plan),
        calm,
    ]
