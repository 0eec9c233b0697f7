"""The Runtime API refuses what a runtime may not post, in the words of AWS's own emulator of it."""

import json

import pytest

from sandbox.functions import limits
from sandbox.functions.environment import Phase
from sandbox.functions.posts import refusal

LARGE = limits.RESPONSE_PAYLOAD_BYTES + 1


@pytest.mark.parametrize(
    ("post", "phase", "request_id", "size", "status", "error"),
    [
        ("response", Phase.BUSY, "r-1", limits.RESPONSE_PAYLOAD_BYTES, None, ""),
        ("error", Phase.BUSY, "r-1", LARGE, None, ""),
        ("init/error", Phase.INIT, None, 0, None, ""),
        ("response", Phase.BUSY, "r-0", 0, 400, "InvalidRequestID: Invalid request ID"),
        ("error", Phase.IDLE, "r-0", 0, 400, "InvalidRequestID: Invalid request ID"),
        ("response", Phase.RETURNING, "r-1", 0, 403, "InvalidStateTransition: State transition from ResponseSent to "
         "InvocationResponse failed for runtime. Error: State transition is not allowed"),
        ("init/error", Phase.BUSY, None, 0, 403, "InvalidStateTransition: State transition from Running to InitError "
         "failed for runtime. Error: State transition is not allowed"),
        ("response", Phase.BUSY, "r-1", LARGE, 413,
         "RequestEntityTooLarge: Exceeded maximum allowed payload size (6291556 bytes)."),
    ],
)  # fmt: skip
def test_what_may_not_be_posted_is_refused(post, phase, request_id, size, status, error):
    """L-02: another request's id, a second answer, an error of an init that is over, and a result that is too large."""
    found = refusal(post, phase=phase, current_id="r-1", request_id=request_id, size=size)
    assert (found.status if found else None) == status
    if found is not None:
        said = json.loads(found.body)
        assert f"{said['errorType']}: {said['errorMessage']}" == error
