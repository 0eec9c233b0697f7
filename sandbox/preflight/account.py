"""The account and Region to deploy to: is it bootstrapped for CDK, and may the deploying user do what that takes? Pure.

Sources: F-01 to F-04; the resources of CDK's bootstrap template (aws/aws-cdk-cli, bootstrap-template.yaml).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sandbox.definitions.model import Statement
from sandbox.permissions.evaluation import Need, service_may
from sandbox.preflight.findings import Finding

CHECK = "account"
LEAST_VERSION = 6
"""The bootstrap version that CDK v2's assemblies ask for at least (F-02)."""

QUALIFIER = "hnb659fds"


@dataclass(frozen=True, kw_only=True)
class Target:
    """Where to; `bootstrap_version` is the value of CDK's marker there, None without."""

    account_id: str
    region: str
    bootstrap_version: str | None


def bootstrapped(target: Target) -> list[Finding]:
    """Whether CDK can deploy there."""
    where = f"aws://{target.account_id}/{target.region}"
    if target.bootstrap_version is None:
        cause = f"it is not bootstrapped for CDK: no parameter /cdk-bootstrap/{QUALIFIER}/version"
    elif int(target.bootstrap_version) < LEAST_VERSION:
        cause = f"its bootstrap stack has version {target.bootstrap_version}, CDK needs {LEAST_VERSION}"
    else:
        return []
    return [Finding(check=CHECK, where=where, cause=cause, remedy=f"run cdk bootstrap {where}")]


def deployer(statements: Sequence[Statement], *, account_id: str, region: str, bootstraps: bool) -> list[Finding]:
    """What the policies of the deploying user do not allow: to deploy, and with `bootstraps` to bootstrap first."""
    needs = [*_deploying(account_id, region), *(_bootstrapping(account_id, region) if bootstraps else ())]
    missing = [need for need in needs if not _allowed(statements, need)]
    if not missing:
        return []
    doing = "bootstrap and deploy" if bootstraps else "deploy"
    return [
        Finding(
            check=CHECK,
            where="the deploying user",
            cause=f"may not {doing}: no policy allows {', '.join(sorted({need.action for need in missing}))}",
            remedy="add these actions to the user's policies"
            + (", or have an administrator bootstrap the Region" if bootstraps else ""),
        )
    ]


def _allowed(statements: Iterable[Statement], need: Need) -> bool:
    return service_may([_of_anyone(one) for one in statements], "the deploying user", need)


def _of_anyone(statement: Statement) -> Statement:
    return Statement(
        allows=statement.allows,
        actions=statement.actions,
        resources=statement.resources,
        principals=("*",),
        conditions=statement.conditions,
        inverted_actions=statement.inverted_actions,
        inverted_resources=statement.inverted_resources,
    )


def _deploying(account_id: str, region: str) -> list[Need]:
    roles = ("deploy", "file-publishing", "lookup")
    return [
        Need(
            action="sts:AssumeRole",
            resource=f"arn:aws:iam::{account_id}:role/cdk-{QUALIFIER}-{role}-role-{account_id}-{region}",
        )
        for role in roles
    ]


def _bootstrapping(account_id: str, region: str) -> list[Need]:
    place = f"{region}:{account_id}"
    bucket = f"arn:aws:s3:::cdk-{QUALIFIER}-assets-{account_id}-{region}"
    repository = f"arn:aws:ecr:{place}:repository/cdk-{QUALIFIER}-container-assets-{account_id}-{region}"
    role = f"arn:aws:iam::{account_id}:role/cdk-{QUALIFIER}-deploy-role-{account_id}-{region}"
    stack = f"arn:aws:cloudformation:{place}:stack/CDKToolkit/*"
    wanted = {
        stack: (
            "cloudformation:CreateChangeSet", "cloudformation:DescribeChangeSet", "cloudformation:DescribeStackEvents",
            "cloudformation:DescribeStacks", "cloudformation:ExecuteChangeSet", "cloudformation:GetTemplate",
        ),
        repository: (
            "ecr:CreateRepository", "ecr:DescribeRepositories", "ecr:PutLifecyclePolicy", "ecr:SetRepositoryPolicy",
        ),
        bucket: (
            "s3:CreateBucket", "s3:PutBucketPolicy", "s3:PutBucketPublicAccessBlock", "s3:PutBucketVersioning",
            "s3:PutEncryptionConfiguration", "s3:PutLifecycleConfiguration",
        ),
        role: ("iam:AttachRolePolicy", "iam:CreateRole", "iam:GetRole", "iam:PutRolePolicy"),
        f"arn:aws:ssm:{place}:parameter/cdk-bootstrap/{QUALIFIER}/version": ("ssm:GetParameters", "ssm:PutParameter"),
    }  # fmt: skip
    return [Need(action=action, resource=resource) for resource, actions in wanted.items() for action in actions]
