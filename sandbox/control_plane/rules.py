"""What AWS refuses when something is deployed. Pure: each rule takes plain values and returns a text or None."""

import re
from collections.abc import Mapping
from typing import Any

from sandbox.gateway import limits as gateway
from sandbox.schedules.expression import ScheduleError, check
from sandbox.schedules.target_input import unknown_variable

RULE_NAME_LENGTH = 64
RULE_TARGETS = 5
"""E-07: of one rule (Amazon EventBridge quotas)."""


RETRY_POLICY = {"MaximumRetryAttempts": (0, 185), "MaximumEventAgeInSeconds": (60, 86_400)}
"""E-06: retries, and seconds (EventBridge API reference, RetryPolicy)."""


def rule_name_refusal(name: str) -> str | None:
    """E-07: EventBridge's text for a rule's name that it does not take."""
    prefix = f"1 validation error detected: Value '{name}' at 'name' failed to satisfy constraint: Member must"
    if len(name) > RULE_NAME_LENGTH:
        return f"{prefix} have length less than or equal to {RULE_NAME_LENGTH}"
    if re.fullmatch(r"[.\-_A-Za-z0-9]+", name) is None:
        return rf"{prefix} satisfy regular expression pattern: [\.\-_A-Za-z0-9]+"
    return None


def fitted_rule_name(drawn: str) -> str:
    """A name that CloudFormation draws, `STACK-LOGICALID-RANDOM`, cut so that EventBridge takes it."""
    kept, _, suffix = drawn.rpartition("-")
    return drawn if len(drawn) <= RULE_NAME_LENGTH else f"{kept[: RULE_NAME_LENGTH - len(suffix) - 1]}-{suffix}"


def targets_refusal(count: int) -> str | None:
    """E-07: EventBridge's text for more targets than a rule may have."""
    return "The requested resource exceeds the maximum number allowed." if count > RULE_TARGETS else None


def target_refusal(number: int, target: Mapping[str, Any]) -> str | None:
    """E-04, E-06: EventBridge's text for the `number`th target of a request, from 1 on."""
    if sum(name in target for name in ("Input", "InputPath", "InputTransformer")) > 1:
        return f"Only one of Input, InputPath, or InputTransformer must be provided for target {target['Id']}."
    transformer = target.get("InputTransformer") or {}
    unknown = unknown_variable(transformer.get("InputTemplate", ""), transformer.get("InputPathsMap") or {})
    if unknown is not None:
        return f"InputTemplate for target {target['Id']} contains invalid placeholder {unknown}."
    for name, (least, greatest) in RETRY_POLICY.items():
        value = int((target.get("RetryPolicy") or {}).get(name, least))
        if not least <= value <= greatest:
            bound = f"greater than or equal to {least}" if value < least else f"less than or equal to {greatest}"
            place = f"targets.{number}.member.retryPolicy.{name[0].lower()}{name[1:]}"
            return (
                f"1 validation error detected: Value '{value}' at '{place}' failed to satisfy constraint: "
                f"Member must have value {bound}"
            )
    return None


def schedule_refusal(expression: str) -> str | None:
    """E-02: EventBridge's text for a schedule that it does not take."""
    try:
        check(expression)
    except ScheduleError as error:
        return str(error)
    return None


def deployment_refusal(routes: int) -> str | None:
    """API Gateway's text for the deployment of an API without a route."""
    return None if routes else "At least one route is required before deploying the Api"


def route_refusal(route_key: str | None, authorization_type: str | None) -> str | None:
    """WS-27: a WebSocket API authorizes connections, not messages, and not with JWT authorizers."""
    if authorization_type in (None, "", "NONE") or route_key is None:
        return None
    if authorization_type not in ("AWS_IAM", "CUSTOM"):
        return f"expected AuthorizationType NONE, AWS_IAM or CUSTOM for a WebSocket API, got {authorization_type}"
    return None if route_key == "$connect" else "Currently, authorization is restricted to the $connect route only"


def authorizer_refusal(authorizer_type: str) -> str | None:
    """WS-27."""
    if authorizer_type == "REQUEST":
        return None
    return f"expected AuthorizerType REQUEST for a WebSocket API, got {authorizer_type}"


def integration_refusal(timeout_ms: int | str | None) -> str | None:
    """WS-22: API Gateway's text for an integration timeout that it does not take."""
    least, greatest = gateway.INTEGRATION_MS
    if timeout_ms is None or least <= int(timeout_ms) <= greatest:
        return None
    return f"Timeout should be between {least} ms and {greatest} ms"
