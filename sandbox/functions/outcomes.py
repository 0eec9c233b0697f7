"""The answers that Lambda itself gives for an invocation, byte for byte. Pure."""

import json

from sandbox.functions import limits
from sandbox.functions.invocation import Outcome


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


def exited(request_id: str) -> Outcome:
    """L-20: the process ended during an invocation."""
    message = f"RequestId: {request_id} Error: Runtime exited without providing a reason"
    return failed(request_id, _json({"errorType": "Runtime.ExitError", "errorMessage": message}))


def accepted(request_id: str) -> Outcome:
    """L-25: an asynchronous invocation is in the queue."""
    return Outcome(status=202, request_id=request_id)


def refused(status: int, error_type: str, message: str, **facts: str) -> Outcome:
    """A refusal by the Invoke API; `facts` are further fields of the service's JSON."""
    return Outcome(status=status, error_type=error_type, payload=_json({**facts, "message": message}))


def not_found(arn: str) -> Outcome:
    """ResourceNotFoundException as Lambda words it."""
    return refused(404, "ResourceNotFoundException", f"Function not found: {arn}", Type="User")


def throttled(reason: str) -> Outcome:
    """L-27."""
    return refused(429, "TooManyRequestsException", "Rate Exceeded.", Reason=reason, Type="User")


def too_large(limit: int) -> Outcome:
    """L-22."""
    return refused(
        413,
        "RequestTooLargeException",
        f"Request must be smaller than {limit} bytes for the InvokeFunction operation",
        Type="User",
    )


def not_json(detail: str) -> Outcome:
    """L-24."""
    return refused(
        400,
        "InvalidRequestContentException",
        f"Could not parse request body into json: Could not parse payload into json: {detail}",
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
