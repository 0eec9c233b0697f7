"""What moto holds of policies: roles with all their statements, and the policies of queues and topics."""

import json
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from moto.iam.models import iam_backends
from moto.sns.models import sns_backends
from moto.sqs.models import sqs_backends

from sandbox.definitions.model import Role, Statement
from sandbox.permissions.documents import statements
from sandbox.permissions.errors import PolicyError

PARTITION = "aws"


def roles(account_id: str) -> dict[str, Role]:
    """Every role by its ARN, with the statements of its inline and attached policies."""
    backend = iam_backends[account_id][PARTITION]
    return {role.arn: _role(backend, role) for role in backend.roles.values()}


class ResourcePolicies:
    """The policy of a queue or a topic by its ARN; () for what has none or is not here."""

    def __init__(self, *, account_id: str, region: str) -> None:
        self._account_id = account_id
        self._region = region

    def __call__(self, arn: str) -> Sequence[Statement]:
        service, name = arn.split(":", 3)[2:3], arn.rpartition(":")[2]
        if service == ["sqs"]:
            queue = sqs_backends[self._account_id][self._region].queues.get(name)
            return read_statements(queue.policy) if queue is not None and queue.policy else ()
        if service == ["sns"]:
            topic = sns_backends[self._account_id][self._region].topics.get(arn)
            return read_statements(topic.policy) if topic is not None else ()
        return ()


def _role(backend: Any, role: Any) -> Role:
    documents = [*role.policies.values(), *map(_document, role.managed_policies.values())]
    boundary = backend.managed_policies.get(role.permissions_boundary_arn or "")
    return Role(
        name=role.name,
        arn=role.arn,
        statements=tuple(one for document in documents for one in read_statements(_text(document))),
        boundary=None if boundary is None else read_statements(_document(boundary)),
    )


def _document(policy: Any) -> str:
    """The default version of a managed policy."""
    return next((_text(one.document) for one in policy.versions if one.is_default_version), "")


def _text(document: Any) -> str:
    """A template's inline policies are objects in moto, the API's are texts."""
    return document if isinstance(document, str) else json.dumps(document)


@lru_cache(maxsize=512)
def read_statements(document: str) -> tuple[Statement, ...]:
    """A document's statements; () of one that IAM would not have taken."""
    try:
        return statements(document)
    except PolicyError:
        # What IAM would not have taken allows nothing.
        return ()
