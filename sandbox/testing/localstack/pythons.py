"""Which Python LocalStack runs on. `choose` is pure; `find` asks the machine."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from sandbox.testing.localstack.errors import MissingToolError

WANTED = ((3, 13), (3, 12))
"""Parts of LocalStack 4.14.0 use syntax of 3.12; its pins have wheels for both. The first is the one tried most."""

_VERSION = "import sys; print(*sys.version_info[:2])"
_ASKED_WITHIN_S = 20


def choose(found: Iterable[tuple[str, str]]) -> str | None:
    """The best of (command, what it prints as its version: `3 13`), or None when none will do."""
    versions = {tuple(printed.split()): command for command, printed in reversed(list(found))}
    wanted = (versions.get((str(major), str(minor))) for major, minor in WANTED)
    return next((command for command in wanted if command is not None), None)


def find() -> str:
    """A Python for LocalStack. Raises MissingToolError when the machine has none."""
    chosen = choose((command, _version(command)) for command in _candidates())
    if chosen is None:
        wanted = " or ".join(f"{major}.{minor}" for major, minor in sorted(WANTED))
        raise MissingToolError(f"expected a Python {wanted} for LocalStack, found none: install one and try again")
    return chosen


def _candidates() -> list[str]:
    names = [f"python{major}.{minor}" for major, minor in WANTED]
    on_path = [path for path in map(shutil.which, names) if path is not None]
    root = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    installed = [str(path) for name in names for path in sorted(root.glob(f"*/bin/{name}"), reverse=True)]
    return [sys.executable, *on_path, *installed]


def _version(command: str) -> str:
    # A pyenv shim is on the PATH also for a version that is not active; it then prints nothing and fails.
    try:
        asked = subprocess.run(
            [command, "-c", _VERSION], capture_output=True, text=True, check=False, timeout=_ASKED_WITHIN_S
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return asked.stdout.strip() if asked.returncode == 0 else ""
