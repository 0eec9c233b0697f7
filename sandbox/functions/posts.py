"""What the Runtime API answers to a runtime that posts a result or an error. Pure.

L-02. Source: aws/aws-lambda-runtime-interface-emulator, `rapi/middleware`, `rapi/handler`, `rapi/rendering`: the
request id first, then the runtime's state, then the size of a result; 413 in these words is in many people's logs.
"""

import json
from dataclasses import dataclass
from typing import Literal

from sandbox.functions import limits
from sandbox.functions.environment import Phase

Post = Literal["response", "error", "init/error"]
_TARGETS: dict[Post, str] = {
    "response": "InvocationResponse", "error": "InvocationErrorResponse", "init/error": "InitError",
}  # fmt: skip
_STATES = {
    Phase.INIT: "Started", Phase.IDLE: "Ready", Phase.BUSY: "Running", Phase.RETURNING: "ResponseSent",
    Phase.ENDED: "ResponseSent",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class PostRefusal:
    """An HTTP status with the error's type and text."""

    status: int
    error_type: str
    message: str

    @property
    def body(self) -> bytes:
        said = {"errorMessage": self.message, "errorType": self.error_type}
        return json.dumps(said, separators=(",", ":")).encode() + b"\n"


TOO_LARGE = PostRefusal(
    status=413,
    error_type="RequestEntityTooLarge",
    message=f"Exceeded maximum allowed payload size ({limits.RESPONSE_PAYLOAD_BYTES} bytes).",
)
"""The caller has an error in the result's place; the runtime, which was refused, ends by itself."""


def refusal(
    post: Post, *, phase: Phase, current_id: str | None, request_id: str | None, size: int
) -> PostRefusal | None:
    """The refusal of a post of so many bytes, or None; `current_id` is the invocation that was last delivered."""
    if post != "init/error" and request_id != current_id:
        return PostRefusal(status=400, error_type="InvalidRequestID", message="Invalid request ID")
    if phase is not (Phase.INIT if post == "init/error" else Phase.BUSY):
        text = (
            f"State transition from {_STATES[phase]} to {_TARGETS[post]} failed for runtime. "
            "Error: State transition is not allowed"
        )
        return PostRefusal(status=403, error_type="InvalidStateTransition", message=text)
    return TOO_LARGE if post == "response" and size > limits.RESPONSE_PAYLOAD_BYTES else None
