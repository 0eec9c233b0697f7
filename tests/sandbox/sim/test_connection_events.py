"""Of whose end a function has heard, and of whose none can know."""

import asyncio
import json
import random

import pytest

from sandbox.functions.invocation import Invocation, Outcome
from sandbox.sim.connection_events import ConnectionEvents
from sandbox.sim.faults import Faults
from sandbox.sim.trouble import Trouble

NONE = Faults()
ALWAYS = 1_000
WELL, FAILED = Outcome(status=200), Outcome(status=200, function_error="Unhandled")


def told(event_type: str, *outcomes: Outcome, faults: Faults = NONE) -> tuple[set[str], int]:
    """Who is not reported after the gateway told of one connection, and how often a function was run for it."""
    left = list(outcomes)

    async def invoke(_: Invocation) -> Outcome:
        return left.pop(0)

    async def act() -> set[str]:
        trouble = Trouble(faults, random.Random, began_us=0)
        events = ConnectionEvents(invoke=invoke, trouble=trouble)
        about = {"requestContext": {"eventType": event_type, "connectionId": "c"}}
        payload = json.dumps(about, separators=(",", ":")).encode()
        await events.invoke(Invocation(function="f", payload=payload, source="gateway"))
        return events.unreported

    return asyncio.run(act()), len(outcomes) - len(left)


def test_an_end_that_a_function_has_noted_is_reported():
    assert told("DISCONNECT", WELL) == (set(), 1)


def test_an_end_that_is_never_told_is_not():
    assert told("DISCONNECT", WELL, faults=Faults(disconnect_lost=ALWAYS)) == ({"c"}, 0)


def test_nor_is_one_whose_function_was_lost():
    """`sandbox sim --scenario mixed --seed 584 --speech 15 --faults all`: API Gateway does not tell it again."""
    assert told("DISCONNECT", FAILED) == ({"c"}, 1)


@pytest.mark.parametrize("place", [0, 1, 2])
def test_one_that_is_told_twice_is_reported_once_one_has_noted_it(place):
    """And the answer is one more."""
    twice = Faults(disconnect_duplicated=ALWAYS)
    outcomes = [FAILED, FAILED, FAILED]
    assert told("DISCONNECT", *outcomes, faults=twice) == ({"c"}, 3)
    outcomes[place] = WELL
    assert told("DISCONNECT", *outcomes, faults=twice) == (set(), 3)


def test_a_connection_whose_begin_failed_is_not_reported_and_a_message_that_failed_ends_none():
    assert told("CONNECT", FAILED) == ({"c"}, 1)
    assert told("CONNECT", WELL) == (set(), 1)
    assert told("MESSAGE", FAILED) == (set(), 1)
