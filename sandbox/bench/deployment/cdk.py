"""`cdk deploy` of every app to a sandbox that has nothing, and again with nothing to change."""

import os
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sandbox.bench.deployment.errors import DeploymentBenchError
from sandbox.deployment.deploy import APP_ORDER
from sandbox.live.account import REGION
from sandbox.live.settings import PROJECT
from sandbox.testing import running

WITHIN_S = 300


@dataclass(frozen=True, kw_only=True)
class Deployed:
    """Seconds of all apps, one after the other, as they are deployed first, and then with nothing to change."""

    first_s: float
    again_s: float

    @property
    def ratio(self) -> float:
        return self.first_s / self.again_s


def deployed(tools: Path, say: Callable[[str], None]) -> Deployed:
    """One new sandbox, bootstrapped by the CLI; `tools` is the folder of its launcher. Raises DeploymentBenchError."""
    with tempfile.TemporaryDirectory() as folder, running(Path(folder) / "state", empty=True) as sandbox:
        _cdk(tools, sandbox.state.endpointUrl, PROJECT, "bootstrap", f"aws://{sandbox.state.accountId}/{REGION}")
        took = []
        for name in ("first", "again"):
            began = time.monotonic()
            for app in APP_ORDER:
                _cdk(
                    tools, sandbox.state.endpointUrl, PROJECT / "services" / app / "infrastructure", "deploy",
                    "-c", "environment=staging", "--require-approval", "never", "--output", f"{folder}/{app}",
                )  # fmt: skip
            took.append(time.monotonic() - began)
            say(f"cdk deploy, {name}: {took[-1]:.1f} s")
        return Deployed(first_s=took[0], again_s=took[1])


def _cdk(tools: Path, endpoint_url: str, folder: Path, *arguments: str) -> None:
    variables = os.environ | {
        "AWS_ENDPOINT_URL": endpoint_url, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": REGION, "CI": "true",
    }  # fmt: skip
    ended = subprocess.run(
        [str(tools / "cdk"), *arguments], cwd=folder, env=variables, capture_output=True, text=True, check=False,
        timeout=WITHIN_S,
    )  # fmt: skip
    if ended.returncode:
        said = (ended.stderr.strip() or ended.stdout.strip()).splitlines()
        raise DeploymentBenchError(f"expected cdk {arguments[0]} to succeed, got: {said[-1] if said else 'nothing'}")
