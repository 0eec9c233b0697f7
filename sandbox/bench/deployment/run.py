"""All figures of deployments, and which are beyond what is promised."""

import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

from sandbox.bench.deployment import cdk, start
from sandbox.tools.launchers import install

READY_S = 8.0
"""From launch to ready, with everything cached that can be."""
OWN_S = 2.0
"""Of that, in the project's own code."""
RATIO = 1.2
"""`cdk deploy` of every app to a new sandbox, by the time that the CLI takes with nothing to change."""


def measure(*, repetitions: int, say: Callable[[str], None]) -> dict[str, Any]:
    """Raises DeploymentBenchError or InstallError."""
    tools = Path(sys.executable).parent
    install(tools)
    start.ready_s()  # what can be cached is, from here on
    ready = [start.ready_s() for _ in range(repetitions)]
    say(f"ready: {', '.join(f'{one:.1f}' for one in ready)} s")
    own = start.own_s()
    deployed = [cdk.deployed(tools, say) for _ in range(repetitions)]
    return {
        "ready_s": round(median(ready), 2),
        "own_s": round(own, 2),
        "cdk_first_s": round(median(one.first_s for one in deployed), 1),
        "cdk_again_s": round(median(one.again_s for one in deployed), 1),
        "cdk_ratio": round(median(one.ratio for one in deployed), 3),
    }


def beyond(figures: dict[str, Any]) -> list[str]:
    """One line for each figure past its limit."""
    limits = {"ready_s": READY_S, "own_s": OWN_S, "cdk_ratio": RATIO}
    return [
        f"expected {name} to be at most {limit}, got {figures[name]}"
        for name, limit in limits.items()
        if figures[name] > limit
    ]
