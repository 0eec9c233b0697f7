"""A function's invocation and its outcome, as its callers (gateway, schedules, the Invoke API) see them."""

from dataclasses import dataclass
from typing import Literal

InvocationType = Literal["RequestResponse", "Event", "DryRun"]


@dataclass(frozen=True, kw_only=True)
class Invocation:
    """A request to run a function, given as name, partial ARN or ARN. `trace_id` carries the lineage of chains."""

    function: str
    payload: bytes
    invocation_type: InvocationType = "RequestResponse"
    source: str
    trace_id: str | None = None
    client_context: str | None = None


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What came of it. `status` is the Invoke API's HTTP status (200, 202, 204, or a refusal's 4xx/5xx).

    `function_error` is None or "Unhandled"; `error_type` names a refusal's exception (`TooManyRequestsException`).
    """

    status: int
    payload: bytes = b""
    function_error: str | None = None
    error_type: str | None = None
    request_id: str = ""
    executed_version: str = "$LATEST"
