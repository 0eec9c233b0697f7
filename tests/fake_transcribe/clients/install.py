"""Puts the clients of the conformance tests under `.cache`, once: instant when they are there.

`python -m tests.fake_transcribe.clients.install` locks the npm packages again (part of `python3 dev.py lock`).
"""

import sys
from dataclasses import dataclass
from pathlib import Path

from sandbox.testing.localstack import pythons
from sandbox.testing.localstack.errors import MissingToolError
from sandbox.tools.packages import from_npm, from_pip, lock_npm

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
CACHE = ROOT / ".cache" / "transcribe-clients"
PYTHON_LOCK = ROOT / "requirements" / "transcribe-clients.lock"


@dataclass(frozen=True, kw_only=True)
class PythonClients:
    """An environment: its Python, and whether AWS's next client, which needs 3.12, is in it."""

    python: Path
    has_aws_sdk: bool


def python_clients() -> PythonClients:
    """The environment of the Python clients, on a Python that all of them take where the machine has one."""
    try:
        base, has_aws_sdk = pythons.find(), True
    except MissingToolError:
        base, has_aws_sdk = sys.executable, sys.version_info >= (3, 12)
    folder = from_pip(PYTHON_LOCK, cache=CACHE, base=base)
    return PythonClients(python=folder / "bin" / "python", has_aws_sdk=has_aws_sdk)


def javascript_clients() -> Path:
    """The folder whose `node_modules` hold the JavaScript clients."""
    return from_npm(HERE, cache=CACHE)


if __name__ == "__main__":
    lock_npm(HERE)
