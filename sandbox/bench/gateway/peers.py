"""The pinned peers, installed by name with their own package clients into a cache folder, once."""

import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from sandbox.bench.gateway.errors import InstallFailedError, ToolMissingError
from sandbox.functions.settings import FunctionSettings
from sandbox.made_once import made_once

BOTO3 = "boto3==1.43.106"
"""The newest that MiniStack takes; our own functions have that of `requirements/runtime.in`."""
PYTHON = FunctionSettings.python
MINISTACK = "ministack==1.5.33"
NODE_PACKAGES = {
    "serverless-offline": ("serverless@3.40.0", "serverless-offline@13.10.1"),
    "architect": ("@architect/sandbox@8.0.0",),
}
NAMES = ("ministack", *NODE_PACKAGES)


def install(names: Sequence[str], cache_dir: Path, say: Callable[[str], None]) -> Path:
    """The folder that holds each as `NAME/`. Raises ToolMissingError or InstallFailedError."""
    folder = cache_dir / "peers"
    wanted: dict[str, Callable[[Path], None]] = {}
    if "ministack" in names:
        wanted["ministack"] = lambda part: _python(part, "ministack", MINISTACK, BOTO3)
    node = [name for name in NODE_PACKAGES if name in names]
    if node:
        # dynalite, which serverless-offline has none of, comes with Architect's.
        for name in dict.fromkeys((*node, "architect")):
            wanted[name] = lambda part, name=name: _node(part, name)  # type: ignore[misc]
        wanted["python"] = lambda part: _python(part, "the functions' Python", BOTO3)
    for name, make in wanted.items():
        if not (folder / name).exists():
            say(f"installing {name} into {folder} …")
        made_once(folder / name, make)
    return folder


def _python(part: Path, peer: str, *packages: str) -> None:
    _run(peer, [sys.executable, "-m", "pip", "install", "--quiet", "--target", str(part), *packages])
    # The Node emulators look for Lambda's own name of it.
    (part / "bin").mkdir(exist_ok=True)
    (part / "bin" / "python3.11").symlink_to(PYTHON)


def _node(part: Path, name: str) -> None:
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        raise ToolMissingError("npm and node", name)
    (part / "package.json").write_text('{"private": true}')
    _run(name, [npm, "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(part), *NODE_PACKAGES[name]])


def _run(peer: str, command: Sequence[str]) -> None:
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    if ended.returncode:
        said = (ended.stderr or ended.stdout).strip().splitlines()
        raise InstallFailedError(peer, said[-1] if said else "")
