"""What an authorizer's answer allows, and whether API Gateway may invoke a function at all. Pure."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from sandbox.definitions.model import Function
from sandbox.functions.invocation import Outcome
from sandbox.gateway import limits
from sandbox.gateway.effects import Fault
from sandbox.permissions.function_policy import service_may_invoke


@dataclass(frozen=True, kw_only=True)
class Authorized:
    """The connection is allowed; every later event carries this context (WS-32)."""

    context: dict[str, str]


@dataclass(frozen=True, kw_only=True)
class Denied:
    """The handshake is answered with this status."""

    status: int
    reason: str

    @property
    def fault(self) -> Fault:
        """A denial is the client's, anything else the authorizer's."""
        return Fault.EXECUTION if self.status >= 500 else Fault.CLIENT


def authorization(outcome: Outcome, method_arn: str) -> Authorized | Denied:
    """`Unauthorized` is 401, any other failure or a malformed policy 500, a denial 403 (WS-30, WS-31)."""
    if outcome.status != 200:
        return Denied(status=500, reason=outcome.error_type or "the authorizer could not be invoked")
    if len(outcome.payload) > limits.AUTHORIZER_RESULT_BYTES:
        return Denied(status=500, reason="the authorizer's answer is over 8 KB")
    try:
        answer = json.loads(outcome.payload)
    except (ValueError, RecursionError):
        return Denied(status=500, reason="the authorizer's answer is not JSON")
    if outcome.function_error is not None:
        message = answer.get("errorMessage") if isinstance(answer, dict) else None
        if message == "Unauthorized":
            return Denied(status=401, reason="Unauthorized")
        return Denied(status=500, reason="the authorizer failed")
    try:
        statements = answer["policyDocument"]["Statement"]
        allowed = _allows(statements if isinstance(statements, list) else [statements], method_arn)
        context = {name: _stringified(value) for name, value in (answer.get("context") or {}).items()}
        principal = str(answer["principalId"])
    except (KeyError, TypeError, AttributeError, ValueError):
        return Denied(status=500, reason="the authorizer's answer is no policy")
    if not allowed:
        return Denied(status=403, reason="the authorizer's policy denies")
    return Authorized(context={**context, "principalId": principal})


def may_invoke(function: Function | None, *, account_id: str, region: str, api_id: str, stage: str, route: str) -> bool:
    """WS-21: the function's resource policy lets API Gateway invoke it from this route."""
    return _permits(function, f"arn:aws:execute-api:{region}:{account_id}:{api_id}/{stage}/{route}")


def may_authorize(function: Function | None, *, account_id: str, region: str, api_id: str, authorizer_id: str) -> bool:
    """The same for an authorizer, whose source is the authorizer itself."""
    return _permits(function, f"arn:aws:execute-api:{region}:{account_id}:{api_id}/authorizers/{authorizer_id}")


def _permits(function: Function | None, source: str) -> bool:
    return service_may_invoke(function, "apigateway.amazonaws.com", source_arn=source)


def _allows(statements: list[Mapping[str, Any]], arn: str) -> bool:
    allowed = False
    for statement in statements:
        actions, resources = _list(statement["Action"]), _list(statement["Resource"])
        if not any(fnmatchcase("execute-api:invoke", action.lower()) for action in actions):
            continue
        if any(fnmatchcase(arn, resource) for resource in resources):
            if statement["Effect"] == "Deny":
                return False
            allowed = allowed or statement["Effect"] == "Allow"
    return allowed


def _list(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value]


def _stringified(value: Any) -> str:
    """Raises ValueError for an object or a list, which a context cannot have ("Lambda authorizer output")."""
    if isinstance(value, dict | list):
        raise ValueError(f"expected text, a number or a truth value, got {type(value).__name__}")
    return "null" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
