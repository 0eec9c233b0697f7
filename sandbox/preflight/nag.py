"""cdk-nag's packs over every app, cached by the content of everything that can matter."""

import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from sandbox.deployment.errors import SynthesisError
from sandbox.deployment.synth import App, content_hash, find_apps, synthesise
from sandbox.made_once import made_once
from sandbox.preflight.findings import Finding

CHECK = "cdk-nag"
REPORT = "validation-report.json"
_NOWHERE: tuple[Mapping[str, Any], ...] = ({},)


def check(project: Path, *, environment: str, cache_dir: Path) -> list[Finding]:
    """Every rule that is broken without a reason beside it. Raises SynthesisError for an app that fails otherwise."""
    root = cache_dir.resolve() / "nag" / content_hash(project, environment)
    apps = find_apps(project / "services")
    with ThreadPoolExecutor(max_workers=max(1, len(apps))) as pool:
        folders = list(pool.map(lambda app: _judged(app, root / app.name, environment), apps))
    return [one for folder in folders for one in findings(json.loads((folder / REPORT).read_text()))]


def _judged(app: App, target: Path, environment: str) -> Path:
    def make(part: Path) -> None:
        try:
            synthesise(app, part, environment=environment, context={"nag": "true"})
        except SynthesisError:
            # What was found fails the synthesis too; the report then says what.
            if not (part / REPORT).exists():
                raise

    return made_once(target, make)


def findings(report: Mapping[str, Any]) -> list[Finding]:
    """What CDK's validation report says."""
    return [
        Finding(
            check=CHECK,
            where=construct.get("constructPath") or "the app",
            cause=f"{violation['ruleName']} {' '.join(str(violation.get('description', '')).split())}".strip(),
            remedy="mend it, or accept the rule beside the construct with the reason (cdk_common/checks.py)",
        )
        for plugin in report["pluginReports"]
        for violation in plugin.get("violations", ())
        for construct in violation.get("violatingConstructs") or _NOWHERE
    ]
