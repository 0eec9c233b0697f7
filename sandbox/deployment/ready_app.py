"""Processes in which CDK is loaded and warm before a synthesis is asked for: most of its time is gone by then."""

import contextlib
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Program:
    """An app's program in its folder, as `python3 NAME` runs it there, and the context that it is given."""

    folder: Path
    name: str
    context: Mapping[str, Any]


class ReadyApps:
    """A process for each of `programs`, once `renew` is called, and again after one that failed.

    `variables`: the environment, but for what each app has of its own. `folder`: where assemblies are made before they
    are put where they belong, on the same file system.
    """

    def __init__(self, programs: Sequence[Program], variables: Mapping[str, str], folder: Path) -> None:
        self._programs = programs
        self._variables = variables
        self._folder = folder
        self._waiting: dict[tuple[Path, str], Waiting] = {}

    def renew(self) -> None:
        """Have a process for every program again."""
        for program in self._programs:
            named = program.folder, program.name
            if named in self._waiting and not self._waiting[named].ended:
                continue
            if named in self._waiting:
                self._waiting[named].end()
            self._waiting[named] = Waiting(program, self._variables, self._folder)

    def end(self) -> None:
        """End all of them."""
        while self._waiting:
            self._waiting.popitem()[1].end()

    def run(self, program: Program, out: Path) -> "subprocess.CompletedProcess[str] | None":
        """Run a program into the empty folder `out`; None when no process waits for it. One caller a program."""
        waiting = self._waiting.get((program.folder, program.name))
        return waiting.run(program.context, out) if waiting else None


class Waiting:
    """One process, for one program."""

    def __init__(self, program: Program, variables: Mapping[str, str], folder: Path) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="app-", dir=folder.resolve()))
        # CDK's library reads these once the app begins, but in a process that is running by then.
        self._out, self._context = self._folder / "out", self._folder / "context.json"
        self._context.write_text(json.dumps(program.context))
        own = {"CDK_OUTDIR": str(self._out), "CONTEXT_OVERFLOW_LOCATION_ENV": str(self._context)}
        self._errors = self._folder / "errors"
        with self._errors.open("w") as errors:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "sandbox.deployment.app_host", str(program.folder), program.name],
                env={**variables, **own}, text=True, bufsize=1,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors,
            )  # fmt: skip

    @property
    def ended(self) -> bool:
        return self._process.poll() is not None

    def end(self) -> None:
        """End it, and what it keeps on disk."""
        self._process.communicate()
        shutil.rmtree(self._folder, ignore_errors=True)

    def run(self, context: Mapping[str, Any], out: Path) -> "subprocess.CompletedProcess[str] | None":
        """Run the program with this context into the empty folder `out`; None when the process had ended before."""
        assert self._process.stdin is not None and self._process.stdout is not None
        if self.ended:
            return None
        self._context.write_text(json.dumps(context))
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write("\n")
        if self._process.stdout.readline():
            self._out.replace(out)
            return subprocess.CompletedProcess(self._process.args, 0, "", "")
        self._process.wait()
        said = self._errors.read_text()
        self.end()
        return subprocess.CompletedProcess(self._process.args, self._process.returncode, "", said)
