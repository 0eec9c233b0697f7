"""A connection's life as one table: (state, input) -> (action, next state).

What lives here: which input means what in which state. What must not: ids, times, frames and events, which
`connection.py` has, and sockets, which the shell has.
"""

from enum import Enum, auto


class State(Enum):
    """Where a connection is."""

    REQUESTED = auto()
    """The upgrade is asked for."""
    AUTHORIZING = auto()
    """The authorizer is asked; the client waits."""
    CONNECTING = auto()
    """`$connect`'s function is asked; the client waits (WS-26)."""
    OPEN = auto()
    CLOSING = auto()
    """A close frame is sent; the client has yet to answer it, and nothing that it sends counts any more."""
    CLOSED = auto()


class Input(Enum):
    """What can happen to a connection."""

    AUTHORIZER_NEEDED = auto()
    """The upgrade meets a route with an authorizer."""
    CONNECT_NEEDED = auto()
    """Nothing is left to ask but `$connect`'s function: there is no authorizer, or it has allowed."""
    ACCEPTED = auto()
    """Nothing is left to ask: `$connect`'s function has answered 2xx, or there is none (WS-25)."""
    REFUSED = auto()
    """The handshake is refused: by the authorizer, `$connect`'s function, a limit, a timeout."""
    MESSAGE = auto()
    """A whole text message of the client."""
    SPOKEN = auto()
    """Something is to be sent: a callback's message, a route response, words of the gateway's own."""
    DELETED = auto()
    """A callback ends the connection (WS-54)."""
    GOING_AWAY = auto()
    """Ten minutes idle, two hours over, or the gateway itself ends (WS-40, WS-41)."""
    BROKEN = auto()
    """What the client sent is no WebSocket frame, or none that API Gateway takes (WS-37, WS-38, WS-39)."""
    CLIENT_CLOSED = auto()
    """The client's close frame."""
    LOST = auto()
    """The socket ended without one (WS-10)."""
    STALLED = auto()
    """The client does not read: more waits for it than is kept."""
    OVERDUE = auto()
    """The client has not answered a close frame in time."""


class Action(Enum):
    """What is done about it."""

    IGNORE = auto()
    AUTHORIZE = auto()
    """Invoke the authorizer."""
    CONNECT = auto()
    """Invoke `$connect`'s function."""
    ACCEPT = auto()
    """Answer the handshake with 101."""
    REFUSE = auto()
    """Answer the handshake with its refusal."""
    ROUTE = auto()
    """Select a route and invoke its function, or say that there is none."""
    SEND = auto()
    CLOSE = auto()
    """Send a close frame, and tell `$disconnect`."""
    ECHO = auto()
    """Answer the client's close frame, tell `$disconnect`, and drop the socket."""
    END = auto()
    """Tell `$disconnect`: the socket is gone."""
    CUT = auto()
    """Tell `$disconnect` and drop the socket without a word."""
    DROP = auto()
    """Drop the socket; `$disconnect` knows."""


Move = tuple[Action, State]

MOVES: dict[State, dict[Input, Move]] = {
    State.REQUESTED: {
        Input.AUTHORIZER_NEEDED: (Action.AUTHORIZE, State.AUTHORIZING),
        Input.CONNECT_NEEDED: (Action.CONNECT, State.CONNECTING),
        Input.ACCEPTED: (Action.ACCEPT, State.OPEN),
        Input.REFUSED: (Action.REFUSE, State.CLOSED),
        Input.LOST: (Action.IGNORE, State.CLOSED),
    },
    State.AUTHORIZING: {
        Input.CONNECT_NEEDED: (Action.CONNECT, State.CONNECTING),
        Input.ACCEPTED: (Action.ACCEPT, State.OPEN),
        Input.REFUSED: (Action.REFUSE, State.CLOSED),
        Input.LOST: (Action.IGNORE, State.CLOSED),
    },
    State.CONNECTING: {
        Input.ACCEPTED: (Action.ACCEPT, State.OPEN),
        Input.REFUSED: (Action.REFUSE, State.CLOSED),
        Input.LOST: (Action.IGNORE, State.CLOSED),
    },
    State.OPEN: {
        Input.MESSAGE: (Action.ROUTE, State.OPEN),
        Input.SPOKEN: (Action.SEND, State.OPEN),
        Input.DELETED: (Action.CLOSE, State.CLOSING),
        Input.GOING_AWAY: (Action.CLOSE, State.CLOSING),
        Input.BROKEN: (Action.CLOSE, State.CLOSING),
        Input.CLIENT_CLOSED: (Action.ECHO, State.CLOSED),
        Input.LOST: (Action.END, State.CLOSED),
        Input.STALLED: (Action.CUT, State.CLOSED),
    },
    State.CLOSING: {
        Input.CLIENT_CLOSED: (Action.DROP, State.CLOSED),
        Input.STALLED: (Action.DROP, State.CLOSED),
        Input.OVERDUE: (Action.DROP, State.CLOSED),
        Input.LOST: (Action.IGNORE, State.CLOSED),
    },
    State.CLOSED: {},
}
"""Every pair that changes something; any other is ignored where it comes."""


def move(state: State, given: Input) -> Move:
    """What is done about an input in a state, and the state that follows. Total: no pair is an error."""
    return MOVES[state].get(given) or (Action.IGNORE, state)
