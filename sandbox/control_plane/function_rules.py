"""What Lambda refuses of a function, a layer, a reservation or an event source mapping. Pure: plain values in, a
refusal or None out.

Sources: Lambda quotas; Lambda API reference; the texts as LocalStack recorded them from AWS, or as people met them.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sandbox.functions.limits import ACCOUNT_CONCURRENCY

INVALID_VALUE = "InvalidParameterValueException"
VALIDATION = "ValidationException"

RESERVED_VARIABLES = frozenset(
    "_HANDLER _X_AMZN_TRACE_ID AWS_DEFAULT_REGION AWS_REGION AWS_EXECUTION_ENV AWS_LAMBDA_FUNCTION_NAME "
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE AWS_LAMBDA_FUNCTION_VERSION AWS_LAMBDA_INITIALIZATION_TYPE "
    "AWS_LAMBDA_LOG_GROUP_NAME AWS_LAMBDA_LOG_STREAM_NAME AWS_ACCESS_KEY AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY "
    "AWS_SESSION_TOKEN AWS_LAMBDA_RUNTIME_API LAMBDA_TASK_ROOT LAMBDA_RUNTIME_DIR".split()
)
"""L-03."""

VARIABLE_NAME = r"[a-zA-Z]([a-zA-Z0-9_])+"
"""L-05: AWS's API model of Lambda, EnvironmentVariableName."""

ENVIRONMENT_BYTES = 4096
"""L-05: all variables together, as JSON (Lambda quotas)."""

LAYERS = 5
"""L-28: layers of one function (Lambda quotas)."""

ZIPPED_BYTES = 52_428_800
"""L-29: an archive in the request itself (Lambda quotas)."""

UNZIPPED_BYTES = 262_144_000
"""L-29: a function's code together with its layers (Lambda quotas)."""

REQUEST_BYTES = 70_167_211
"""L-29: the whole request that carries an archive."""

UNRESERVED_CONCURRENCY = 100
"""L-27: what reservations must leave of the account's concurrency (Lambda guide, "Reserved concurrency")."""

BATCH_WITHOUT_WINDOW = 10
"""Messages of a batch that is not gathered for a time (Lambda API reference, CreateEventSourceMapping)."""

RANGES = {
    "MemorySize": ("memorySize", 128, 10_240),
    "Timeout": ("timeout", 1, 900),
    "EphemeralStorage": ("ephemeralStorage.size", 512, 10_240),
}
"""L-31: megabytes, seconds, megabytes (Lambda quotas)."""

_BLOCKED = {
    "python2.7": ("2021-07-15", "2022-05-30"), "python3.6": ("2022-07-18", "2022-08-29"),
    "python3.7": ("2024-01-09", "2027-03-03"), "python3.8": ("2027-02-01", "2027-03-03"),
    "python3.9": ("2027-02-01", "2027-03-03"), "python3.10": ("2027-02-01", "2027-03-03"),
    "python3.11": ("2027-07-31", "2027-08-31"), "python3.12": ("2028-11-30", "2029-01-10"),
    "python3.13": ("2029-07-31", "2029-08-31"), "python3.14": ("2029-07-31", "2029-08-31"),
}  # fmt: skip
"""L-30: from when on functions with a runtime can be neither created nor updated (cfn-lint's copy of AWS's table)."""

_ENVIRONMENT = (
    "Lambda was unable to configure your environment variables because the environment variables you have provided"
)


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """The error that Lambda answers with."""

    code: str
    message: str
    status: int = 400


def configuration_refusal(given: Mapping[str, Any], *, today: date, creates: bool) -> Refusal | None:
    """Of a function's properties as its API names them, those that are given (L-04, L-05, L-28, L-30, L-31)."""
    for name, (shown, least, most) in RANGES.items():
        value = given.get(name)
        size = value.get("Size") if isinstance(value, Mapping) else value
        refusal = None if size is None else _outside(int(size), shown, least, most)
        if refusal is not None:
            return refusal
    return (
        _runtime_refusal(given.get("Runtime"), today=today, creates=creates)
        or environment_refusal((given.get("Environment") or {}).get("Variables") or {})
        or layers_refusal(given.get("Layers") or ())
    )


def environment_refusal(variables: Mapping[str, str]) -> Refusal | None:
    """L-04, L-05: an environment that Lambda does not take."""
    if any(re.fullmatch(VARIABLE_NAME, name) is None for name in variables.keys() - RESERVED_VARIABLES):
        return Refusal(
            code=VALIDATION,
            message="1 validation error detected: Value at 'environment.variables' failed to satisfy constraint: Map "
            f"keys must satisfy constraint: [Member must satisfy regular expression pattern: {VARIABLE_NAME}]",
        )
    reserved = sorted(RESERVED_VARIABLES & variables.keys())
    if reserved:
        return Refusal(
            code=INVALID_VALUE,
            message=f"{_ENVIRONMENT} contains reserved keys that are currently not supported for modification. "
            f"Reserved keys used in this request: {', '.join(reserved)}",
        )
    measured = json.dumps(dict(variables), separators=(",", ":"))
    if len(measured.encode()) > ENVIRONMENT_BYTES:
        return Refusal(
            code=INVALID_VALUE, message=f"{_ENVIRONMENT} exceeded the 4KB limit. String measured: {measured}"
        )
    return None


def layers_refusal(arns: Sequence[str]) -> Refusal | None:
    """L-28: more layers than five, or one of them twice."""
    if len(arns) > LAYERS:
        return Refusal(code=INVALID_VALUE, message=f"Cannot reference more than {LAYERS} layers.")
    seen: dict[str, str] = {}
    for arn in arns:
        other = seen.setdefault(arn.rpartition(":")[0], arn)
        if other is not arn:
            return Refusal(
                code=INVALID_VALUE,
                message="Two different versions of the same layer are not allowed to be referenced in the same "
                f"function. {other} and {arn} are versions of the same layer.",
            )
    return None


def missing_layer(arn: str) -> Refusal:
    """L-28."""
    return Refusal(code=INVALID_VALUE, message=f"Layer version {arn} does not exist.")


def package_refusal(*, zipped_bytes: int | None, unzipped_bytes: int, layers_bytes: int) -> Refusal | None:
    """L-29: `zipped_bytes` of an archive in the request itself, None for one that is fetched from S3."""
    if zipped_bytes is not None and zipped_bytes > ZIPPED_BYTES:
        return Refusal(
            code="RequestEntityTooLargeException", message=f"Zipped size must be smaller than {ZIPPED_BYTES} bytes",
            status=413,
        )  # fmt: skip
    if unzipped_bytes > UNZIPPED_BYTES:
        return Refusal(code=INVALID_VALUE, message=f"Unzipped size must be smaller than {UNZIPPED_BYTES} bytes")
    if unzipped_bytes + layers_bytes > UNZIPPED_BYTES:
        return Refusal(
            code=INVALID_VALUE,
            message=f"Function code combined with layers exceeds the maximum allowed size of {UNZIPPED_BYTES} bytes. "
            f"The actual size is {unzipped_bytes + layers_bytes} bytes.",
        )
    return None


def archive_refusal(files: int | None) -> Refusal | None:
    """L-29: an archive without a file; None is what is no archive, which is refused where it is unpacked."""
    return Refusal(code=INVALID_VALUE, message="Uploaded file must be a non-empty zip") if files == 0 else None


def missing_object() -> Refusal:
    """L-29: an archive that is not where it is said to be."""
    return Refusal(
        code=INVALID_VALUE,
        message="Error occurred while GetObject. S3 Error Code: NoSuchKey. S3 Error Message: The specified key does "
        "not exist.",
    )


def request_refusal(size: int, operation: str) -> Refusal | None:
    """L-29: a whole request that is too large."""
    if size <= REQUEST_BYTES:
        return None
    message = f"Request must be smaller than {REQUEST_BYTES} bytes for the {operation} operation"
    return Refusal(code="RequestEntityTooLargeException", message=message, status=413)


def busy_refusal(state: str, update_status: str, arn: str) -> Refusal | None:
    """L-32: a function that is being made, or changed already, takes no change."""
    prefix = "The operation cannot be performed at this time."
    if state == "Pending":
        message = f"{prefix} The function is currently in the following state: Pending"
    elif update_status == "InProgress":
        message = f"{prefix} An update is in progress for resource: {arn}"
    else:
        return None
    return Refusal(code="ResourceConflictException", message=message, status=409)


def mapping_refusal(
    *, batch_size: int, window_s: int, is_fifo: bool, visibility_timeout_s: int | None, function_timeout_s: int
) -> Refusal | None:
    """What a queue's event source mapping cannot be; `visibility_timeout_s` is None where the queue is not known."""
    if is_fifo and window_s:
        return Refusal(code=INVALID_VALUE, message="Batching window is not supported for FIFO queues")
    if batch_size > BATCH_WITHOUT_WINDOW and not window_s:
        return Refusal(
            code=INVALID_VALUE,
            message="Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10",
        )
    if visibility_timeout_s is not None and visibility_timeout_s < function_timeout_s:
        return Refusal(
            code=INVALID_VALUE,
            message=f"Queue visibility timeout: {visibility_timeout_s} seconds is less than Function timeout: "
            f"{function_timeout_s} seconds",
        )
    return None


def reservation_refusal(wanted: int, *, others: int) -> Refusal | None:
    """L-27: a reservation that leaves functions without one too little; `others` is what is reserved already."""
    if ACCOUNT_CONCURRENCY - others - wanted >= UNRESERVED_CONCURRENCY:
        return None
    return Refusal(
        code=INVALID_VALUE,
        message="Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution "
        f"below its minimum value of [{UNRESERVED_CONCURRENCY}].",
    )


def recursion_refusal(wanted: str | None) -> Refusal | None:
    """L-33: neither Allow nor Terminate."""
    if wanted in ("Allow", "Terminate"):
        return None
    return Refusal(
        code=VALIDATION,
        message=f"1 validation error detected: Value '{wanted}' at 'recursiveLoop' failed to satisfy constraint: "
        "Member must satisfy enum value set: [Allow, Terminate]",
    )


def _runtime_refusal(runtime: str | None, *, today: date, creates: bool) -> Refusal | None:
    blocked = _BLOCKED.get(runtime or "")
    if blocked is None or today < date.fromisoformat(blocked[0 if creates else 1]):
        return None
    return Refusal(
        code=INVALID_VALUE,
        message=f"The runtime parameter of {runtime} is no longer supported for creating or updating AWS Lambda "
        "functions. We recommend you use a supported runtime while creating or updating functions.",
    )


def _outside(value: int, shown: str, least: int, most: int) -> Refusal | None:
    if least <= value <= most:
        return None
    bound = f"less than or equal to {most}" if value > most else f"greater than or equal to {least}"
    return Refusal(
        code=VALIDATION,
        message=f"1 validation error detected: Value '{value}' at '{shown}' failed to satisfy constraint: Member must "
        f"have value {bound}",
    )
