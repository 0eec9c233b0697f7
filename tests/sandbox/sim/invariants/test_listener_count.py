"""A listener is counted until somebody can know that it is gone."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from sandbox.sim.invariants.listener_count import FOUND_OUT_MS, ListenerCount
from sandbox.sim.plan import Plan
from sandbox.sim.world import SimulatedWorld

CLOSED_MS = 20_000


class Tables:
    """One live session with one listener's record."""

    def table_names(self) -> list[str]:
        return ["Connections-staging", "Sessions-staging"]

    def items(self, name: str) -> list[dict[str, Any]]:
        if name.startswith("Connections"):
            return [{"connectionId": {"S": "c"}, "sessionId": {"S": "s"}, "targetLanguage": {"S": "es"}}]
        return [{"sessionId": {"S": "s"}, "status": {"S": "active"}, "listenerCount": {"N": "1"}}]


def found(
    *, unreported: set[str], said_ms: int = CLOSED_MS - 1, status: str = "ok", now_ms: int = CLOSED_MS + 90_000
) -> int:
    """How many violations there are where the connection of that record is over."""
    checker = ListenerCount(Plan(speakers=()))
    checker.note({"t_ms": said_ms, "kind": "segment.forwarded", "sessionId": "s", "requestId": "r"})
    checker.note({"t_ms": said_ms, "kind": "lambda.end", "requestId": "r", "status": status})
    checker.note({"t_ms": CLOSED_MS, "kind": "gateway.close", "connectionId": "c"})
    gateway = SimpleNamespace(connection_ids=set)
    world = SimpleNamespace(tables=Tables(), gateway=gateway, unreported=unreported, journal_ms=lambda: now_ms)
    checker.look(cast(SimulatedWorld, world), "heard")
    return len(checker.violations())


def test_a_record_of_a_closed_connection_is_found():
    assert found(unreported=set()) == 1


def test_a_listener_whose_disconnect_was_lost_is_counted_while_nothing_is_said():
    """`sandbox sim --scenario mixed --seed 116 --speech 15 --faults all`: it vanished behind the last word."""
    assert found(unreported={"c"}) == 0


@pytest.mark.parametrize("late", [{"said_ms": CLOSED_MS}, {"now_ms": CLOSED_MS + FOUND_OUT_MS}])
def test_it_is_counted_no_longer_once_words_were_posted_or_the_pass_has_asked(late):
    assert found(unreported={"c"}, **late) == 1


def test_it_is_counted_while_words_are_to_be_translated_again_that_would_be_posted_to_it():
    """`sandbox sim --scenario mixed --seed 3995 --speech 15 --faults all`: Lambda tries again after a minute."""
    assert found(unreported={"c"}, said_ms=CLOSED_MS, status="crash") == 0
