"""Schedules that EventBridge does not take (E-01, E-02)."""

from sandbox.preflight.findings import Finding
from sandbox.preflight.plan import Plan
from sandbox.schedules import expression

CHECK = "schedule"


def check(plan: Plan) -> list[Finding]:
    """Every rule whose expression is refused."""
    found = []
    for rule in plan.resources:
        written = rule.properties.get("ScheduleExpression")
        if rule.resource_type != "AWS::Events::Rule" or written is None:
            continue
        try:
            expression.check(str(written))
        except expression.ScheduleError:
            found.append(
                Finding(
                    check=CHECK,
                    where=rule.where,
                    cause=f"EventBridge does not take {written}",
                    remedy="use rate(1 minute) or longer; what must come sooner has the function wait and repeat",
                )
            )
    return found
