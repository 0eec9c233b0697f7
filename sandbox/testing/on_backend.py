"""What is run on another backend: the tests that it can change, or a command."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from types import FrameType

from sandbox.live.settings import PROJECT

WHOLE_SYSTEM = (
    "alarms", "bad_input", "commands", "contract_client", "degradation", "feature_flag", "first_light", "inbox",
    "lost_worker", "smoke", "translation", "two_hours",
)  # fmt: skip
TESTS = ("tests/sandbox/control_plane/backend", *(f"tests/end_to_end/test_{name}.py" for name in WHOLE_SYSTEM))
"""Others ask for tools, recordings, clocks and refusals that are the same on every backend."""

MARKS = ("not own_sandbox", "own_sandbox")
"""One run of pytest each: two sandboxes on one backend at once would take each other's queued messages."""


def commands(given: Sequence[str]) -> list[list[str]]:
    """What is run, one after another, for the arguments given: `[PYTEST ARGUMENT … | -- COMMAND …]`."""
    if given[:1] == ["--"]:
        return [list(given[1:])]
    pytest = [sys.executable, "-m", "pytest"]
    return [[*pytest, *given]] if given else [[*pytest, "-m", mark, *TESTS] for mark in MARKS]


def run(given: Sequence[str], variables: Mapping[str, str]) -> int:
    """Run all of it, whatever came of the one before; the exit code of the first that failed, or 0."""
    environment = os.environ | dict(variables)
    codes = [
        subprocess.run(command, cwd=PROJECT, env=environment, check=False).returncode for command in commands(given)
    ]
    return next((code for code in codes if code), 0)


def end_as_interrupted() -> None:
    """Have SIGTERM end what runs as Ctrl-C does, so that servers are stopped."""
    signal.signal(signal.SIGTERM, _interrupt)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
