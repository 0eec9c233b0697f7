"""AWS's own managed policies, each read when it is first attached: all of them are megabytes."""

import json

from moto.iam.aws_managed_policies import aws_managed_policies_data
from moto.iam.models import AWSManagedPolicy, IAMBackend

PREFIX = "arn:aws:iam::aws:policy/"


def install() -> None:
    """Wrap moto's operation, once a process, before the first request."""
    attach = IAMBackend.attach_role_policy

    def attached(backend: IAMBackend, policy_arn: str, role_name: str) -> None:
        if policy_arn.startswith(PREFIX) and policy_arn not in backend.managed_policies:
            name = policy_arn.rpartition("/")[2]
            about = json.loads(aws_managed_policies_data).get(name)
            if about is not None:
                policy = AWSManagedPolicy.from_data(name, backend.account_id, backend.region_name, about)
                backend.managed_policies[policy.arn] = policy
        attach(backend, policy_arn, role_name)

    IAMBackend.attach_role_policy = attached
