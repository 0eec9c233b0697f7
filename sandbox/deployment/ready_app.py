"""A process that has CDK loaded before a synthesis is asked for: half of the time of each is gone by then."""

import json
import re
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

CDK_MODULE = re.compile(r"\baws_[a-z0-9_]+\b")


def modules_of(services: Path) -> list[str]:
    """Modules of CDK that the definitions name, as far as their text tells."""
    files = [*services.glob("*/infrastructure/*.py"), *services.glob("cdk_common/*.py")]
    return sorted({name for path in files for name in CDK_MODULE.findall(path.read_text())})


class ReadyApp:
    """At most one process waits; `take` gives it away and the next begins with `renew`.

    `modules`: of CDK, loaded ahead. `variables`: the environment, but for what each app has of its own. `folder`: where
    assemblies are made before they are put where they belong, on the same file system.
    """

    def __init__(self, modules: Sequence[str], variables: Mapping[str, str], folder: Path) -> None:
        self._modules = modules
        self._variables = variables
        self._folder = folder
        self._waiting: Waiting | None = None
        self._lock = threading.Lock()

    def renew(self) -> None:
        """Have one waiting again."""
        with self._lock:
            if self._waiting is None:
                self._waiting = Waiting(self._modules, self._variables, self._folder)

    def take(self) -> "Waiting | None":
        """The one that waits, for whoever comes first."""
        with self._lock:
            taken, self._waiting = self._waiting, None
            return taken


class Waiting:
    """One process, for one synthesis."""

    def __init__(self, modules: Sequence[str], variables: Mapping[str, str], folder: Path) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="app-", dir=folder))
        # CDK's library reads these once the app begins, but in a process that is running by then.
        self._out, self._context = self._folder / "out", self._folder / "context.json"
        own = {"CDK_OUTDIR": str(self._out), "CONTEXT_OVERFLOW_LOCATION_ENV": str(self._context)}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "sandbox.deployment.app_host", *modules], env={**variables, **own}, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    def run(
        self, folder: Path, program: str, *, context: Mapping[str, Any], out: Path
    ) -> "subprocess.CompletedProcess[str]":
        """Run the program of a folder, with this context, into the empty folder `out`."""
        try:
            self._context.write_text(json.dumps(context))
            said, errors = self._process.communicate(json.dumps({"folder": str(folder), "program": program}) + "\n")
            if self._out.is_dir():
                self._out.replace(out)
            return subprocess.CompletedProcess(self._process.args, self._process.returncode, said, errors)
        finally:
            shutil.rmtree(self._folder, ignore_errors=True)
