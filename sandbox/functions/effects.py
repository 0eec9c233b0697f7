"""What an execution environment is given, and what its shell is told to do. Pure."""

from dataclasses import dataclass

from sandbox.functions.invocation import Outcome


@dataclass(frozen=True, kw_only=True)
class Request:
    """One invocation as the runtime will receive it."""

    request_id: str
    payload: bytes
    trace_id: str
    invoked_arn: str
    client_context: str | None = None


@dataclass(frozen=True, kw_only=True)
class Deliver:
    """Answer the runtime's poll with this request; its deadline is epoch milliseconds."""

    request: Request
    deadline_ms: int


@dataclass(frozen=True, kw_only=True)
class Freeze:
    """Stop the process where it is."""


@dataclass(frozen=True, kw_only=True)
class Thaw:
    """Let the process go on."""


@dataclass(frozen=True, kw_only=True)
class Restart:
    """End the process and start another: the init is tried again, as part of the invocation (L-12)."""


@dataclass(frozen=True, kw_only=True)
class Kill:
    """End the process."""


@dataclass(frozen=True, kw_only=True)
class Log:
    """Lambda writes this line to the function's log."""

    line: str
    request_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class Settle:
    """The invocation is over."""

    outcome: Outcome
    status: str
    duration_ms: int
    init_ms: int | None


Effect = Deliver | Freeze | Thaw | Restart | Kill | Log | Settle
