"""Policies and roles for tests."""

from typing import Any

from sandbox.definitions.model import Role
from sandbox.permissions.documents import statements
from sandbox.permissions.evaluation import Principal

ACCOUNT = "123456789012"
ROLE_ARN = f"arn:aws:iam::{ACCOUNT}:role/path/Reader"
CALLER = Principal(role_arn=ROLE_ARN, session="reads-staging")
TABLE = f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/Sessions"


def allow(action: Any = "*", resource: Any = "*", **more: Any) -> dict[str, Any]:
    """An Allow statement; `more` are further elements."""
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action: Any = "*", resource: Any = "*", **more: Any) -> dict[str, Any]:
    """The same that denies."""
    return allow(action, resource, **more) | {"Effect": "Deny"}


def role(*documented: dict[str, Any], boundary: list[dict[str, Any]] | None = None) -> Role:
    """A role with one policy of these statements."""
    return Role(
        name="Reader",
        arn=ROLE_ARN,
        statements=statements({"Statement": list(documented)}),
        boundary=None if boundary is None else statements({"Statement": boundary}),
    )
