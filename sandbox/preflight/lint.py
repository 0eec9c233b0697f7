"""CloudFormation's own schemas and rules, as cfn-lint knows them."""

import json
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from sandbox.preflight.findings import Finding

CHECK = "cfn-lint"
EXCEPTIONS = {"W3005": "CDK writes DependsOn beside the reference that already says it; CloudFormation does not mind"}
"""Rules that do not hold here, each with its reason."""


def check(templates: Iterable[Path]) -> list[Finding]:
    """Every match of every rule."""
    program = str(Path(sys.executable).with_name("cfn-lint"))
    command = [program, "--format", "json", "--ignore-checks", *EXCEPTIONS, "--", *map(str, templates)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    return findings(ended.stdout or "[]")


def findings(printed: str) -> list[Finding]:
    """What cfn-lint prints as JSON."""
    return [
        Finding(
            check=CHECK,
            where="/".join(
                [Path(one["Filename"]).name.partition(".")[0], *_resource(one["Location"].get("Path") or ())]
            ),
            cause=f"{one['Rule']['Id']} {' '.join(one['Message'].split())}",
            remedy=f"see {one['Rule']['Source']}" if one["Rule"].get("Source") else "mend the definition",
        )
        for one in json.loads(printed)
    ]


def _resource(path: Iterable[object]) -> list[str]:
    parts = list(map(str, path))
    return parts[1:2] if parts[:1] == ["Resources"] else []
