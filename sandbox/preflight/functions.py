"""What Lambda refuses of a function: reserved variables, sizes of settings, too many layers, a runtime at its end."""

import re
from datetime import date

from sandbox.control_plane.function_rules import RESERVED_VARIABLES, configuration_refusal
from sandbox.preflight.findings import Finding
from sandbox.preflight.plan import Plan, PlannedFunction

CHECK = "function"
_PREFIX = re.compile(r"^1 validation error detected: ")


def check(plan: Plan, *, today: date) -> list[Finding]:
    """The first refusal of each function; `today` decides about runtimes."""
    found = []
    for function in plan.functions:
        reserved = sorted(RESERVED_VARIABLES & function.variables.keys())
        if reserved:
            found.append(_reserved(function, reserved))
            continue
        given = dict(function.resource.properties)
        # Layers have no versions yet; only their number can be wrong.
        given["Layers"] = [f"{one}:1" for one in given.get("Layers") or ()]
        refusal = configuration_refusal(given, today=today, creates=True)
        if refusal is not None:
            found.append(
                Finding(
                    check=CHECK,
                    where=function.resource.where,
                    cause=f"Lambda refuses it: {_PREFIX.sub('', refusal.message)[:300]}",
                    remedy="keep within Lambda's quotas",
                )
            )
    return found


def _reserved(function: PlannedFunction, names: list[str]) -> Finding:
    return Finding(
        check=CHECK,
        where=function.resource.where,
        cause=f"its environment sets {', '.join(names)}, which Lambda reserves",
        remedy="leave it out, Lambda sets it itself",
    )
