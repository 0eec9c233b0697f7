"""Code and layers together, unzipped: at most 250 MB (L-29)."""

from pathlib import Path

from sandbox.control_plane.function_rules import UNZIPPED_BYTES, package_refusal
from sandbox.preflight.findings import Finding
from sandbox.preflight.plan import Plan

CHECK = "size"


def check(plan: Plan) -> list[Finding]:
    """Every function that is too large for Lambda."""
    sizes: dict[Path, int] = {}
    found = []
    for function in plan.functions:
        for folder in (*function.layers, *([function.code] if function.code is not None else [])):
            if folder not in sizes:
                sizes[folder] = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
        code = sizes[function.code] if function.code is not None else 0
        layers = sum(sizes[folder] for folder in function.layers)
        if package_refusal(zipped_bytes=None, unzipped_bytes=code, layers_bytes=layers) is not None:
            found.append(
                Finding(
                    check=CHECK,
                    where=function.resource.where,
                    cause=f"its code ({code:,} bytes) and its layers ({layers:,}) exceed Lambda's {UNZIPPED_BYTES:,}",
                    remedy="leave packages out of the layers, or deploy an image",
                )
            )
    return found
