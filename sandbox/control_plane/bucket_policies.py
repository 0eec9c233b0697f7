"""Buckets' own policies with their conditions, which moto leaves out: CDK's asset bucket denies all but TLS."""

from moto.iam.access_control import PermissionResult
from moto.s3.models import FakeBucket

from sandbox.permissions.documents import statements
from sandbox.permissions.evaluation import Decision, Need, Principal, decide

CONTEXT = {"aws:securetransport": ["true"]}
"""Clients of AWS come over TLS; on this machine the endpoint is plain."""

_RESULTS = {
    Decision.ALLOWED: PermissionResult.PERMITTED,
    Decision.DENIED_BY_RESOURCE: PermissionResult.DENIED,
}


def install() -> None:
    """Have policies decided with their conditions, once a process."""

    def decided(bucket: FakeBucket, action: str, resource: str) -> PermissionResult:
        if bucket.policy is None:
            return PermissionResult.NEUTRAL
        anyone = Principal(role_arn=f"arn:aws:iam::{bucket.account_id}:role/caller", session="caller")
        need = Need(action=action, resource=resource, context=CONTEXT)
        return _RESULTS.get(decide(None, anyone, need, statements(bucket.policy.decode())), PermissionResult.NEUTRAL)

    FakeBucket.get_permission = decided
