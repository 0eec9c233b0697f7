"""Code that is not there: an asset's path was relative to another directory than the one meant, or what is at it is
no code."""

from pathlib import Path

from sandbox.preflight.findings import Finding
from sandbox.preflight.plan import Plan

CHECK = "code"


def check(plan: Plan) -> list[Finding]:
    """Every function of the plan with an asset that is missing or broken, or does not hold its handler's module."""
    found = []
    for function in plan.functions:
        where, handler = function.resource.where, str(function.resource.properties.get("Handler", ""))
        module = handler.rpartition(".")[0].replace(".", "/")
        if "S3Key" not in (function.resource.properties.get("Code") or {}) or not module:
            continue
        complaints = [complaint for asset in (function.code, *function.layers) if (complaint := _complaint(asset))]
        if complaints:
            found += [
                Finding(
                    check=CHECK,
                    where=where,
                    cause=complaint,
                    remedy="synthesise again, and keep cdk.out whole",
                )
                for complaint in complaints
            ]
            continue
        assert function.code is not None
        roots = [function.code, *(layer / "python" for layer in function.layers)]
        if not any((root / f"{module}.py").is_file() or (root / module / "__init__.py").is_file() for root in roots):
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


def _complaint(asset: Path | None) -> str | None:
    if asset is None or not asset.exists():
        return f"its asset {asset or 'is in no manifest'} is not there"
    return None if asset.is_dir() else f"its asset {asset} is no archive that Lambda can unpack"
