"""The lines that Lambda itself writes to a function's log, byte for byte (L-12, L-14, L-15). Pure."""

from datetime import UTC, datetime

RUNTIME_VERSION = "python:3.11.mainlinev2.v27"


def log_stream(now_ms: int, digits: str) -> str:
    """The name of an environment's log stream; `digits` are 32 of base 16 that no other has."""
    return f"{datetime.fromtimestamp(now_ms / 1000, tz=UTC):%Y/%m/%d}/[$LATEST]{digits}"


def init_start() -> str:
    """Before the handler's module is imported."""
    arn = f"arn:aws:lambda:us-east-1::runtime:{'0' * 64}"
    return f"INIT_START Runtime Version: {RUNTIME_VERSION}\tRuntime Version ARN: {arn}"


def init_report(duration_ms: int, phase: str, status: str, error_type: str | None = None) -> str:
    """After an init that did not end well; its second try is part of the invocation (`Phase: invoke`)."""
    line = f"INIT_REPORT Init Duration: {duration_ms:.2f} ms\tPhase: {phase}\tStatus: {status}"
    return line if error_type is None else f"{line}\tError Type: {error_type}"


def start(request_id: str) -> str:
    """Before an invocation."""
    return f"START RequestId: {request_id} Version: $LATEST"


def end(request_id: str) -> str:
    """After an invocation."""
    return f"END RequestId: {request_id}"


def timed_out(request_id: str, timeout_s: int, now_ms: int) -> str:
    """When an invocation reached its function's timeout."""
    moment = datetime.fromtimestamp(now_ms / 1000, tz=UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3]
    return f"{moment}Z {request_id} Task timed out after {timeout_s:.2f} seconds"


def report(
    request_id: str,
    *,
    duration_ms: float,
    memory_mb: int,
    used_mb: int,
    init_ms: float | None = None,
    status: str | None = None,
    error_type: str | None = None,
) -> str:
    """The accounting line; billed milliseconds are rounded up and include a cold start's init (L-16)."""
    billed = -int(-(duration_ms + (init_ms or 0)) // 1)
    line = (
        f"REPORT RequestId: {request_id}\tDuration: {duration_ms:.2f} ms\tBilled Duration: {billed} ms\t"
        f"Memory Size: {memory_mb} MB\tMax Memory Used: {used_mb} MB\t"
    )
    if init_ms is not None:
        line += f"Init Duration: {init_ms:.2f} ms\t"
    if status is not None:
        line += f"Status: {status}"
    if error_type is not None:
        line += f"\tError Type: {error_type}"
    return line
