"""Whether policies allow a call: an explicit Deny wins, then an Allow, else it is denied. Pure.

Source: IAM User Guide, "Policy evaluation logic" (one account).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import Enum

from sandbox.definitions.model import Role, Statement
from sandbox.permissions.conditions import Context, filled, met
from sandbox.permissions.matching import action_like, arn_like


@dataclass(frozen=True, kw_only=True)
class Principal:
    """Who calls: a role's session, as STS names it."""

    role_arn: str
    session: str

    @property
    def arn(self) -> str:
        """`arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION`."""
        account, role = self.role_arn.split(":")[4], self.role_arn.rpartition("/")[2]
        return f"arn:aws:sts::{account}:assumed-role/{role}/{self.session}"


@dataclass(frozen=True, kw_only=True)
class Need:
    """What a call needs: one action on one resource (`*` for an action that has none). `context`: condition keys."""

    action: str
    resource: str = "*"
    context: Context = field(default_factory=dict)


class Decision(Enum):
    """What came out, and why."""

    ALLOWED = "allowed"
    NOT_ALLOWED = "because no identity-based policy allows the {action} action"
    NOT_ADMITTED = "because no resource-based policy allows the {action} action"
    DENIED_BY_IDENTITY = "with an explicit deny in an identity-based policy"
    DENIED_BY_RESOURCE = "with an explicit deny in a resource-based policy"
    OUTSIDE_BOUNDARY = "because no permissions boundary allows the {action} action"
    DENIED_BY_BOUNDARY = "with an explicit deny in a permissions boundary"


def decide(role: Role | None, principal: Principal, need: Need, resource_policy: Sequence[Statement] = ()) -> Decision:
    """A role's call within its own account. A role that is gone allows nothing."""
    own = role.statements if role is not None else ()
    boundary = role.boundary if role is not None else None
    about_us = [one for one in resource_policy if _names(one, principal)]
    if _any(own, need, allows=False):
        return Decision.DENIED_BY_IDENTITY
    if _any(about_us, need, allows=False):
        return Decision.DENIED_BY_RESOURCE
    if boundary is not None and _any(boundary, need, allows=False):
        return Decision.DENIED_BY_BOUNDARY
    # In one account the resource's word is enough.
    if not _any(own, need, allows=True) and not _any(about_us, need, allows=True):
        return Decision.NOT_ALLOWED
    if boundary is not None and not _any(boundary, need, allows=True):
        return Decision.OUTSIDE_BOUNDARY
    return Decision.ALLOWED


def service_may(resource_policy: Iterable[Statement], service: str, need: Need) -> bool:
    """Whether a resource's policy lets an AWS service in; a service has no policies of its own."""
    about_it = [one for one in resource_policy if _names_service(one, service)]
    return not _any(about_it, need, allows=False) and _any(about_it, need, allows=True)


def depends_on_context(statements: Iterable[Statement], action: str) -> bool:
    """Whether the answer for an action can differ from one request to the next."""
    return any(
        (one.conditions or any("${" in resource for resource in one.resources)) and _about_action(one, action)
        for one in statements
    )


def _any(statements: Iterable[Statement], need: Need, *, allows: bool) -> bool:
    return any(one.allows is allows and _applies(one, need) for one in statements)


def _applies(statement: Statement, need: Need) -> bool:
    if not _about_action(statement, need.action):
        return False
    patterns = (filled(one, need.context) if "${" in one else one for one in statement.resources)
    is_about = any(pattern is not None and arn_like(pattern, need.resource) for pattern in patterns)
    return is_about != statement.inverted_resources and all(met(one, need.context) for one in statement.conditions)


def _about_action(statement: Statement, action: str) -> bool:
    return any(action_like(pattern, action) for pattern in statement.actions) != statement.inverted_actions


def _names(statement: Statement, principal: Principal) -> bool:
    """A resource policy names a role, its session or everybody; the account's root leaves it to the role's own
    policies, except where it denies."""
    account = principal.role_arn.split(":")[4]
    names = {"*", "AWS:*", f"AWS:{principal.role_arn}", f"AWS:{principal.arn}"}
    if not statement.allows:
        names |= {f"AWS:{account}", f"AWS:arn:aws:iam::{account}:root"}
    return bool(names.intersection(statement.principals)) != statement.inverted_principals


def _names_service(statement: Statement, service: str) -> bool:
    return (
        bool({"*", "AWS:*", f"Service:{service}"}.intersection(statement.principals)) != statement.inverted_principals
    )
