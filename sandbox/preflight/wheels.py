"""Wheels that do not run on Lambda: for another platform, another Python, or a newer glibc than the runtime's.

Sources: Lambda runtimes (Python 3.11 and older on Amazon Linux 2, newer on Amazon Linux 2023); glibc 2.26 and 2.34
(their release notes); PEP 425 and PEP 600 (tags).
"""

import re
from collections.abc import Iterable
from pathlib import Path

from sandbox.preflight.findings import Finding
from sandbox.preflight.plan import Plan, PlannedFunction

CHECK = "wheel"

AMAZON_LINUX_2_GLIBC = (2, 26)
AMAZON_LINUX_2023_GLIBC = (2, 34)
FIRST_ON_2023 = 12
"""The minor version of Python that is the first on Amazon Linux 2023."""

_MACHINES = {"x86_64": "x86_64", "arm64": "aarch64"}
_LEGACY = {"manylinux1": (2, 5), "manylinux2010": (2, 12), "manylinux2014": (2, 17)}
_PLATFORM = re.compile(r"(?:manylinux_(\d+)_(\d+)|(manylinux1|manylinux2010|manylinux2014))_(\w+)|(linux)_(\w+)")


def check(plan: Plan) -> list[Finding]:
    """Every wheel in a function's code or layers none of whose tags fits its runtime."""
    found = {}
    for function in plan.functions:
        for folder in (*function.layers, *([function.code] if function.code is not None else [])):
            for wheel in sorted(folder.glob("**/*.dist-info/WHEEL")):
                if (complaint := _complaint(_tags(wheel), function)) is not None:
                    name = wheel.parent.name.removesuffix(".dist-info")
                    found[folder, name] = Finding(
                        check=CHECK,
                        where=function.resource.where,
                        cause=f"{name} {complaint}",
                        remedy="install it with --only-binary :all: for the runtime's --platform and --python-version",
                    )
    return list(found.values())


def fits(tag: str, *, minor: int, machine: str) -> str | None:
    """What keeps a wheel with this tag (`cp311-cp311-manylinux2014_x86_64`) from running there, or None.

    `minor` is Python's (3.`minor`), `machine` as tags name it.
    """
    python, abi, platform = tag.split("-")
    version = re.fullmatch(r"cp3(\d+)", python)
    if version is not None and (int(version[1]) > minor if abi == "abi3" else int(version[1]) != minor):
        return f"is for {python}, the runtime is 3.{minor}"
    if platform == "any":
        return None
    built = _PLATFORM.fullmatch(platform)
    if built is None or (built[4] or built[6]) != machine:
        return f"is built for {platform}, the function runs on Linux {machine}"
    glibc = _LEGACY.get(built[3] or "") or ((int(built[1]), int(built[2])) if built[1] else (0, 0))
    ours = AMAZON_LINUX_2023_GLIBC if minor >= FIRST_ON_2023 else AMAZON_LINUX_2_GLIBC
    if glibc > ours:
        return f"needs glibc {glibc[0]}.{glibc[1]}, the runtime has {ours[0]}.{ours[1]}"
    return None


def _complaint(tags: Iterable[str], function: PlannedFunction) -> str | None:
    runtime = re.fullmatch(r"python3\.(\d+)", str(function.resource.properties.get("Runtime", "")))
    if runtime is None:
        return None
    architecture = (function.resource.properties.get("Architectures") or ["x86_64"])[0]
    complaints = [fits(tag, minor=int(runtime[1]), machine=_MACHINES[architecture]) for tag in tags]
    return complaints[0] if complaints and None not in complaints else None


def _tags(wheel: Path) -> list[str]:
    lines = wheel.read_text(encoding="utf-8").splitlines()
    return [line.partition(":")[2].strip() for line in lines if line.startswith("Tag:")]
