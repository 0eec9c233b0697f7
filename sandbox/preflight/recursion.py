"""Functions that invoke themselves: Lambda stops the chain after 16 unless it says that it is meant (L-33)."""

from sandbox.permissions.matching import action_like, arn_like
from sandbox.preflight.findings import Finding
from sandbox.preflight.plan import Plan

CHECK = "recursion"


def check(plan: Plan) -> list[Finding]:
    """Every function whose role lets it invoke itself, without `RecursiveLoop: Allow`."""
    found = []
    for function in plan.functions:
        if function.resource.properties.get("RecursiveLoop") == "Allow":
            continue
        if any(
            one.allows
            and any(action_like(pattern, "lambda:InvokeFunction") for pattern in one.actions)
            and any(arn_like(pattern, function.arn) for pattern in one.resources)
            for one in function.may
        ):
            found.append(
                Finding(
                    check=CHECK,
                    where=function.resource.where,
                    cause="it may invoke itself, and Lambda stops a chain of its own after 16 invocations",
                    remedy="set RecursiveLoop to Allow (recursive_loop in CDK), or take the permission away",
                )
            )
    return found
