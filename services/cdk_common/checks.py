"""cdk-nag, when a synthesis asks for it with `-c nag=true`: its findings fail the synthesis."""

import aws_cdk as cdk
from constructs import IConstruct

PACKS = ("AwsSolutionsChecks", "ServerlessChecks")


def add(app: cdk.App) -> None:
    """Have the app's stacks checked; deployments need not have cdk-nag installed."""
    if not app.node.try_get_context("nag"):
        return
    import cdk_nag

    for pack in PACKS:
        cdk.Validations.of(app).add_plugins(getattr(cdk_nag, pack)(app))


def accept(construct: IConstruct, rule: str, reason: str) -> None:
    """Let a rule of cdk-nag not hold for this construct, for this reason."""
    cdk.Validations.of(construct).acknowledge(cdk.Acknowledgment(id=rule, reason=reason))
