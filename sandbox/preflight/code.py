"""A handler that is not in the code: the asset's path was relative to another directory than the one meant."""

from sandbox.preflight.findings import Finding
from sandbox.preflight.plan import Plan

CHECK = "code"


def check(plan: Plan) -> list[Finding]:
    """Every function of the plan whose asset is missing, or does not hold its handler's module."""
    found = []
    for function in plan.functions:
        where, handler = function.resource.where, str(function.resource.properties.get("Handler", ""))
        module = handler.rpartition(".")[0].replace(".", "/")
        if "S3Key" not in (function.resource.properties.get("Code") or {}) or not module:
            continue
        if function.code is None or not function.code.exists():
            found.append(
                Finding(
                    check=CHECK,
                    where=where,
                    cause=f"its asset {function.code or 'is in no manifest'} is not there",
                    remedy="synthesise again, and keep cdk.out whole",
                )
            )
            continue
        roots = [function.code, *(layer / "python" for layer in function.layers)]
        if function.code.is_dir() and not any(
            (root / f"{module}.py").is_file() or (root / module / "__init__.py").is_file() for root in roots
        ):
            found.append(
                Finding(
                    check=CHECK,
                    where=where,
                    cause=f"its asset has no {module}.py, so that {handler} is not found",
                    remedy="give Code.from_asset a path that begins at the definition's file (__file__), not at the "
                    "folder where cdk is run",
                )
            )
    return found
