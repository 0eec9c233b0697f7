"""What CloudFormation refuses of a template before it makes anything: its size, and how much is in it."""

from pathlib import Path

from sandbox.preflight.findings import Finding
from sandbox.preflight.plan import Plan
from sandbox.stacks.errors import StackRefusal
from sandbox.stacks.template import read

CHECK = "template"


def check(plan: Plan) -> list[Finding]:
    """The first refusal of each template."""
    found = []
    for stack, path in plan.templates.items():
        refusal = _refusal(path)
        if refusal is not None:
            found.append(
                Finding(
                    check=CHECK, where=stack, cause=f"CloudFormation refuses it: {refusal}", remedy="mend the template"
                )
            )
    return found


def _refusal(path: Path) -> str | None:
    try:
        read(path.read_text(encoding="utf-8"))
    except StackRefusal as refusal:
        return str(refusal)
    return None
