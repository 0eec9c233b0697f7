"""A connection does what the table says, in every state, for every input."""

import itertools
from dataclasses import replace

import pytest

from sandbox.functions.invocation import Outcome
from sandbox.gateway import limits
from sandbox.gateway.connection import Connection
from sandbox.gateway.effects import Closed, Drop, Invoke, Purpose, Respond, Send
from sandbox.gateway.lifecycle import MOVES, Action, Input, State, move
from tests.sandbox.gateway.gateway_world import ALLOW, OK, close_frame, connection, frame, invokes, stage

DENY = Outcome(status=200, payload=ALLOW.payload.replace(b'"Allow"', b'"Deny"'))
REFUSAL = Outcome(status=200, payload=b'{"statusCode":403}')

VISIBLE = {
    Action.IGNORE: [],
    Action.AUTHORIZE: ["invoke AUTHORIZE"],
    Action.CONNECT: ["invoke CONNECT"],
    Action.ACCEPT: ["respond 101"],
    Action.REFUSE: ["respond 403"],
    Action.ROUTE: ["invoke MESSAGE"],
    Action.SEND: ["send"],
    Action.CLOSE: ["send", "closed", "invoke DISCONNECT"],
    Action.ECHO: ["send", "closed", "invoke DISCONNECT", "drop"],
    Action.END: ["closed", "invoke DISCONNECT"],
    Action.CUT: ["closed", "invoke DISCONNECT", "drop"],
    Action.DROP: ["drop"],
}
"""What a shell sees of each action."""


def shown(effects) -> list[str]:
    names = []
    for effect in effects:
        match effect:
            case Invoke(purpose=purpose):
                names.append(f"invoke {purpose.name}")
            case Respond(status=status):
                names.append(f"respond {status}")
            case Send() | Closed() | Drop():
                names.append(type(effect).__name__.lower())
    return names


class Driven:
    """A connection that real inputs have brought to a state; its handshake's invocations can be answered again."""

    def __init__(self, state: State, *, guarded: bool, plain: bool) -> None:
        keys = ["$disconnect", "say", *(["$connect"] if guarded or plain else [])]
        made = stage(*keys, authorizer=guarded)
        if guarded and not plain:
            bare = replace(made.routes["$connect"], integration=None)
            made = replace(made, routes={**made.routes, "$connect": bare})
        self.connection: Connection = connection(made)
        self.asked: dict[Purpose, str] = {}
        if state is not State.REQUESTED:
            self._open(until=state)

    def _open(self, *, until: State) -> None:
        effects = self.connection.begin(1000)
        while self.connection.state not in (until, State.OPEN):
            (invoke,) = invokes(effects)
            self.asked[invoke.purpose] = invoke.token
            effects = self.connection.outcome(invoke.token, ALLOW if invoke.purpose is Purpose.AUTHORIZE else OK, 1000)
        for invoke in invokes(effects):
            self.asked[invoke.purpose] = invoke.token
        if until in (State.CLOSING, State.CLOSED):
            self.connection.delete(1000)
        if until is State.CLOSED:
            self.connection.received(close_frame(1000), 1000)

    def answer(self, purpose: Purpose, outcome: Outcome):
        return self.connection.outcome(self.asked.get(purpose, "none"), outcome, 1000)

    def meet(self, given: Input):
        """Let the input happen as it does in the world."""
        made, state = self.connection, self.connection.state
        match given:
            case Input.AUTHORIZER_NEEDED:
                return made.begin(1000)
            case Input.CONNECT_NEEDED | Input.ACCEPTED | Input.REFUSED if state is State.REQUESTED:
                made.admit = lambda route, now_ms: given is not Input.REFUSED
                return made.begin(1000)
            case Input.CONNECT_NEEDED:
                return self.answer(Purpose.AUTHORIZE, ALLOW)
            case Input.ACCEPTED:
                return self.answer(Purpose.AUTHORIZE if state is State.AUTHORIZING else Purpose.CONNECT, OK_OR[state])
            case Input.REFUSED if state is State.AUTHORIZING:
                return self.answer(Purpose.AUTHORIZE, DENY)
            case Input.REFUSED:
                return self.answer(Purpose.CONNECT, REFUSAL)
            case Input.MESSAGE:
                return made.received(frame('{"action":"say"}'), 1000)
            case Input.SPOKEN:
                return made.post(b"hello", 1000)
            case Input.DELETED:
                return made.delete(1000)
            case Input.GOING_AWAY:
                return made.shut_down(1000)
            case Input.BROKEN:
                return made.received(b"\xff\xff", 1000)
            case Input.CLIENT_CLOSED:
                return made.received(close_frame(1000), 1000)
            case Input.LOST:
                return made.lost(1000)
            case Input.STALLED:
                return made.stalled(1000)
            case Input.OVERDUE:
                return made.tick(1000 + limits.CLOSE_HANDSHAKE_MS)


OK_OR = {state: ALLOW if state is State.AUTHORIZING else OK for state in State}


def driven(state: State, given: Input) -> Driven:
    """A connection in that state whose stage is such that the input can happen."""
    guarded = state is State.AUTHORIZING or given is Input.AUTHORIZER_NEEDED
    plain = not (given is Input.ACCEPTED and state in (State.REQUESTED, State.AUTHORIZING))
    return Driven(state, guarded=guarded, plain=plain)


@pytest.mark.parametrize(("state", "given"), list(itertools.product(State, Input)))
def test_every_state_answers_every_input_as_the_table_says(state, given):
    """The effects that a shell is given, and the state that follows."""
    made = driven(state, given)
    assert made.connection.state is state
    action, following = move(state, given)
    expected = VISIBLE[action]
    if state is State.REQUESTED and given is Input.REFUSED:
        expected = ["respond 429"]
    assert shown(made.meet(given)) == expected
    assert made.connection.state is following


def test_a_closed_connection_stays_closed():
    """And every action of the table is one that some input brings about."""
    assert all(move(State.CLOSED, given) == (Action.IGNORE, State.CLOSED) for given in Input)
    reached = {action for moves in MOVES.values() for action, _ in moves.values()}
    assert reached | {Action.IGNORE} == set(Action)


def test_disconnect_is_told_once_however_a_connection_ends():
    """WS-11: each pair of endings, one after the other."""
    endings = (
        Input.DELETED, Input.GOING_AWAY, Input.BROKEN, Input.CLIENT_CLOSED, Input.LOST, Input.STALLED, Input.OVERDUE,
    )  # fmt: skip
    for first, second in itertools.product(endings[:-1], endings):
        made = Driven(State.OPEN, guarded=False, plain=True)
        assert shown([*made.meet(first), *made.meet(second)]).count("invoke DISCONNECT") == 1


def test_a_late_outcome_of_a_closed_connection_changes_nothing():
    """Its function ran to its end; nobody is told."""
    made = Driven(State.OPEN, guarded=False, plain=True)
    (say,) = invokes(made.connection.received(frame('{"action":"say"}'), 1000))
    made.connection.lost(1000)
    assert made.connection.outcome(say.token, OK, 1000) == []
    assert made.connection.next_deadline_ms is None
