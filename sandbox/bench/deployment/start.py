"""From the launch of a sandbox to its ready line, and how much of that is spent in the project's own code."""

import os
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from sandbox.bench.deployment.errors import DeploymentBenchError
from sandbox.live.borrow import up_command
from sandbox.live.settings import PROJECT, SandboxSettings

SAMPLING = Path(__file__).with_name("sampling")


def ready_s() -> float:
    """Seconds of one start; what can be cached is."""
    return _started({})


def own_s() -> float:
    """Seconds that threads of all processes spend in the project's own code in one start: an upper bound, since what
    goes on at once is added up. The start is slower than one that nobody watches."""
    with tempfile.TemporaryDirectory() as samples:
        path = os.pathsep.join(filter(None, (str(SAMPLING), os.environ.get("PYTHONPATH", ""))))
        _started({"PYTHONPATH": path, "SANDBOX_SAMPLES": samples, "SANDBOX_SAMPLED_PROJECT": str(PROJECT)})
        found = [file.read_text().split() for file in Path(samples).iterdir() if file.suffix != ".part"]
    return sum(float(own) for own, _ in found)


def _started(variables: Mapping[str, str]) -> float:
    with tempfile.TemporaryDirectory() as folder:
        settings = SandboxSettings(state_dir=Path(folder) / "state", port=0)
        settings.state_dir.mkdir()
        began = time.monotonic()
        process = subprocess.Popen(
            up_command(settings), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ | variables
        )
        assert process.stdout is not None
        assert process.stderr is not None
        try:
            if not process.stdout.readline():
                raise DeploymentBenchError(f"expected a ready sandbox, got: {process.stderr.read().strip()}")
            return time.monotonic() - began
        finally:
            process.terminate()
            process.communicate()
