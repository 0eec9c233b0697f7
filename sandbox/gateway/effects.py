"""What a connection asks its shell to do, in order."""

from dataclasses import dataclass
from enum import Enum, auto

from sandbox.edge.http import Headers


class Purpose(Enum):
    """What an invocation is for."""

    AUTHORIZE = auto()
    CONNECT = auto()
    MESSAGE = auto()
    DISCONNECT = auto()


class Fault(Enum):
    """Whose a failure is, as CloudWatch counts it (WS-58)."""

    CLIENT = "ClientError"
    """The gateway refuses before it invokes."""
    INTEGRATION = "IntegrationError"
    """The function ran and failed."""
    EXECUTION = "ExecutionError"
    """The function could not be invoked, or not in time."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Invoke:
    """Invoke the function; its outcome comes back under `token`, and is too late at `deadline_ms`.

    `body` is a message's text.
    """

    token: str
    purpose: Purpose
    function_arn: str
    route_key: str
    payload: bytes
    deadline_ms: int
    body: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Respond:
    """Answer the handshake; 101 opens the connection, anything else ends it. The reason is not for the client."""

    status: int
    headers: Headers = ()
    body: bytes = b""
    fault: Fault | None = None
    reason: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Send:
    """Bytes for the client; with `last`, nothing follows them, and the client may see the stream's end."""

    data: bytes
    last: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """The client was told that its message failed, for a reason that it is not told."""

    request_id: str
    route_key: str
    message: str
    fault: Fault
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Drop:
    """Close the socket; `abruptly`: what still waits for the client is given up."""

    abruptly: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Closed:
    """The connection is over: nothing reaches it any more."""

    code: int
    reason: str


Effect = Invoke | Respond | Send | Told | Drop | Closed
