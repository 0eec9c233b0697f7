"""Stands before the services: each call that a function's credentials signed is checked against its role.

Decisions are kept until the policies change, but those that depend on more than action and resource. Calls with other
credentials, those of whoever deploys, pass.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Literal

from sandbox.definitions.model import Definitions, Role, Statement
from sandbox.functions import credentials
from sandbox.permissions.evaluation import Decision, Need, Principal, decide, depends_on_context, service_may
from sandbox.permissions.needs import Place
from sandbox.permissions.refusals import Refusal

Mode = Literal["enforce", "warn", "off"]
MODES: tuple[Mode, ...] = ("enforce", "warn", "off")
KEPT_DECISIONS = 4096
"""Beyond them, all are decided anew: queues come and go by name."""

Note = Callable[[dict[str, Any]], None]


def no_policy(_resource: str) -> Sequence[Statement]:
    """For services whose resources have no policies of their own."""
    return ()


class Guard:
    """`note` is told of each refusal as the facts of `iam.denied`; `policy_of` gives a resource's own policy."""

    def __init__(self, mode: Mode, *, note: Note, policy_of: Callable[[str], Sequence[Statement]] = no_policy) -> None:
        self._mode = mode
        self._note = note
        self.policy_of = policy_of
        self._principals: dict[str, Principal] = {}
        self._roles: dict[str, Role] = {}
        self._decisions: dict[tuple[str, str, str], Decision] = {}
        self.place = Place(region="", account_id="")

    def apply(self, definitions: Definitions) -> None:
        """Follow functions, roles and policies."""
        self.place = Place(region=definitions.region, account_id=definitions.account_id)
        self._principals = {
            credentials.of_role(function)[0]: Principal(role_arn=function.role_arn, session=function.name)
            for function in definitions.functions.values()
        }
        self._roles = dict(definitions.roles)
        self._decisions = {}

    def knows(self, access_key: str) -> bool:
        """Whether calls of this key are to be checked: it is a function's, and checking is not off."""
        return self._mode != "off" and access_key in self._principals

    @staticmethod
    def is_service(access_key: str) -> bool:
        """Whether it stands for an AWS service of this sandbox, whose calls `admit` checks."""
        return access_key.endswith(".amazonaws.com")

    def check(self, access_key: str, needs: Iterable[Need]) -> Refusal | None:
        """The first refusal of a function's call, or None when it may pass."""
        principal = self._principals.get(access_key) if self._mode != "off" else None
        if principal is None:
            return None
        for need in needs:
            decision = self._decided(principal, need)
            if decision is not Decision.ALLOWED:
                about = {"function": principal.session, "role": principal.role_arn.rpartition("/")[2]}
                return self._refused(Refusal(caller=principal.arn, need=need, decision=decision), about)
        return None

    def check_role(self, role: Role | None, principal: Principal, needs: Iterable[Need]) -> Refusal | None:
        """The first refusal of what a role would ask for a function that is only just being made."""
        if self._mode == "off":
            return None
        for need in needs:
            asked = self._in_context(principal, need)
            decision = decide(role, principal, asked, self.policy_of(need.resource))
            if decision is not Decision.ALLOWED:
                about = {"function": principal.session, "role": principal.role_arn.rpartition("/")[2]}
                return self._refused(Refusal(caller=principal.arn, need=need, decision=decision), about)
        return None

    def admit(self, service: str, need: Need, *, source_arn: str) -> Refusal | None:
        """The refusal of an AWS service's own call on behalf of a resource: the policy of what it is about decides."""
        if self._mode == "off":
            return None
        account = source_arn.split(":")[4]
        context = {
            "aws:sourcearn": [source_arn],
            "aws:sourceaccount": [account],
            "aws:sourceowner": [account],
            "aws:securetransport": ["true"],
        }
        asked = Need(action=need.action, resource=need.resource, context=context)
        if service_may(self.policy_of(need.resource), service, asked):
            return None
        refusal = Refusal(caller=service, need=need, decision=Decision.NOT_ADMITTED)
        return self._refused(refusal, {"service": service, "source": source_arn})

    def _decided(self, principal: Principal, need: Need) -> Decision:
        # Taken first: what is decided by older policies is kept among their decisions.
        decisions = self._decisions
        key = (principal.role_arn, need.action, need.resource)
        kept = decisions.get(key)
        policy = self.policy_of(need.resource)
        if kept is not None and not policy:
            return kept
        role = self._roles.get(principal.role_arn)
        decision = decide(role, principal, self._in_context(principal, need), policy)
        own = (*role.statements, *(role.boundary or ())) if role is not None else ()
        if not policy and not depends_on_context(own, need.action):
            if len(decisions) >= KEPT_DECISIONS:
                decisions.clear()
            decisions[key] = decision
        return decision

    def _in_context(self, principal: Principal, need: Need) -> Need:
        """The keys that every request has (IAM: AWS global condition context keys)."""
        account, role = principal.role_arn.split(":")[4], principal.role_arn.rpartition("/")[2]
        always = {
            "aws:principalarn": [principal.role_arn],
            "aws:principalaccount": [account],
            "aws:principaltype": ["AssumedRole"],
            "aws:userid": [f"{role}:{principal.session}"],
            "aws:requestedregion": [self.place.region],
            "aws:resourceaccount": [self.place.account_id],
            # On AWS every call of a function is made over TLS; on this machine the hot ones are not.
            "aws:securetransport": ["true"],
            "aws:viaawsservice": ["false"],
        }
        return Need(action=need.action, resource=need.resource, context={**always, **need.context})

    def _refused(self, refusal: Refusal, about: dict[str, Any]) -> Refusal | None:
        need = refusal.need
        reason = refusal.decision.value.format(action=need.action)
        enforced = self._mode == "enforce"
        self._note({**about, "action": need.action, "resource": need.resource, "reason": reason, "enforced": enforced})
        return refusal if enforced else None
