"""The answers that Lambda itself gives for an invocation, byte for byte. Pure."""

import json

from sandbox.functions import limits
from sandbox.functions.invocation import Outcome

EXIT_ERROR = "Runtime.ExitError"
OUT_OF_MEMORY = "Runtime.OutOfMemory"
KILLED = -9
"""The exit code of a process that SIGKILL ended."""

SIGNALS = {4: "illegal instruction", 6: "aborted", 7: "bus error", 8: "floating point exception", 9: "killed",
           11: "segmentation fault", 15: "terminated"}  # fmt: skip
"""The names that Go gives signals, in which Lambda is written."""


def returned(request_id: str, payload: bytes) -> Outcome:
    """The function's result; one that is too large is an error of the function (L-23)."""
    if len(payload) > limits.RESPONSE_PAYLOAD_BYTES:
        body = {
            "errorMessage": "Response payload size exceeded maximum allowed payload size "
            f"({limits.RESPONSE_PAYLOAD_BYTES} bytes).",
            "errorType": "Function.ResponseSizeTooLarge",
        }
        return failed(request_id, _json(body))
    return Outcome(status=200, payload=payload, request_id=request_id)


def failed(request_id: str, payload: bytes) -> Outcome:
    """An error that the runtime reported: its payload as it is (L-17, L-20)."""
    return Outcome(status=200, payload=payload, function_error="Unhandled", request_id=request_id)


def timed_out(request_id: str, timeout_s: int) -> Outcome:
    """L-13."""
    message = f"RequestId: {request_id} Error: Task timed out after {timeout_s:.2f} seconds"
    return failed(request_id, _json({"errorType": "Sandbox.Timedout", "errorMessage": message}))


def exited(request_id: str, exit_code: int | None) -> Outcome:
    """L-20: the process ended during an invocation; `exit_code` as `exit_message` takes it."""
    message = exit_message(request_id, exit_code)
    return failed(request_id, _json({"errorType": EXIT_ERROR, "errorMessage": message}))


def exit_message(request_id: str, exit_code: int | None) -> str:
    """Lambda's words for a runtime that is gone: its exit status, or (below zero) the signal that ended it."""
    if not exit_code:
        reason = "without providing a reason"
    elif exit_code > 0:
        reason = f"with error: exit status {exit_code}"
    else:
        reason = f"with error: signal: {SIGNALS.get(-exit_code, str(-exit_code))}"
    return f"RequestId: {request_id} Error: Runtime exited {reason}"


def error_type(payload: bytes) -> str:
    """The error's type as the runtime wrote it; `Runtime.Unknown` where it wrote none."""
    try:
        document = json.loads(payload)
    except ValueError:
        document = None
    named = document.get("errorType") if isinstance(document, dict) else None
    return named if isinstance(named, str) and named else "Runtime.Unknown"


def accepted(request_id: str) -> Outcome:
    """L-25: an asynchronous invocation is in the queue."""
    return Outcome(status=202, request_id=request_id)


def refused(status: int, error_type: str, message: str, **facts: str) -> Outcome:
    """A refusal by the Invoke API; `facts` are further fields of the service's JSON."""
    return Outcome(status=status, error_type=error_type, payload=_json({**facts, "message": message}))


def not_found(arn: str) -> Outcome:
    """ResourceNotFoundException as Lambda words it."""
    return refused(404, "ResourceNotFoundException", f"Function not found: {arn}", Type="User")


def pending() -> Outcome:
    """L-32: the function is still being made."""
    message = (
        "The operation cannot be performed at this time. The function is currently in the following state: Pending"
    )
    return refused(409, "ResourceConflictException", message, Type="User")


def throttled(reason: str) -> Outcome:
    """L-27."""
    return refused(429, "TooManyRequestsException", "Rate Exceeded.", Reason=reason, Type="User")


def too_large(limit: int) -> Outcome:
    """L-22: the answer as recorded has its message under a capital letter, and no type."""
    message = f"Request must be smaller than {limit} bytes for the InvokeFunction operation"
    return Outcome(status=413, error_type="RequestEntityTooLargeException", payload=_json({"Message": message}))


def not_json(payload: bytes) -> Outcome:
    """L-24: in the words of Lambda's own parser, which names the first character that it did not expect."""
    text = payload.decode(errors="replace")
    try:
        json.loads(text)
        place = 0
    except json.JSONDecodeError as error:
        place = min(error.pos, len(text) - 1)
    line, column = text.count("\n", 0, place) + 1, place - text.rfind("\n", 0, place)
    found = text[place]
    return refused(
        400,
        "InvalidRequestContentException",
        "Could not parse request body into json: Could not parse payload into json: "
        f"Unexpected character ('{found}' (code {ord(found)})): expected a valid value (JSON String, Number, Array, "
        "Object or token 'null', 'true' or 'false')\n at [Source: REDACTED (`StreamReadFeature."
        f"INCLUDE_SOURCE_IN_LOCATION` disabled); line: {line}, column: {column}]",
        Type="User",
    )


def recursion_stopped() -> Outcome:
    """L-33: a chain that is too long, met by a synchronous caller."""
    return refused(
        400, "RecursiveInvocationException", "Lambda has detected your function being invoked in a recursive loop.",
        Type="User",
    )  # fmt: skip


def _json(body: dict[str, str]) -> bytes:
    return json.dumps(body, separators=(",", ":")).encode()
