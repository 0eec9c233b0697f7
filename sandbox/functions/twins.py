"""Packages for the host's Python in the place of those that Lambda or a layer would bring.

Lambda's own `/var/runtime` (the runtime client and boto3) and any layer that carries `requirements.lock` at its root
are
installed from that lock for the interpreter that runs here, once for each lock, interpreter and platform. A layer
built for CPython 3.11 on
Linux x86_64 runs there as it is.
"""

import hashlib
import platform
import subprocess
import sys
import sysconfig
from pathlib import Path

from sandbox.functions.errors import TwinFailedError
from sandbox.made_once import made_once

LOCK_NAME = "requirements.lock"
"""The file at a layer's root that says what it was built from."""


def host_runs_layers() -> bool:
    """True where wheels for Lambda's Python 3.11 on x86_64 can be imported."""
    return sys.version_info[:2] == (3, 11) and sys.platform == "linux" and platform.machine() == "x86_64"


def twin(lock: Path, cache_dir: Path) -> Path:
    """The folder with the lock's packages for this interpreter, made when it is not there. Blocks.

    Raises TwinFailedError with pip's last line.
    """
    about = f"{sys.implementation.cache_tag}-{sysconfig.get_platform()}".encode()
    folder = cache_dir / "twins" / hashlib.sha256(lock.read_bytes() + about).hexdigest()[:32]
    return made_once(folder, lambda part: _install(lock, part))


def _install(lock: Path, part: Path) -> None:
    command = [
        sys.executable, "-m", "pip", "install", "--quiet", "--require-hashes", "--no-deps", "--no-compile",
        "--target", str(part), "-r", str(lock),
    ]  # fmt: skip
    finished = subprocess.run(command, capture_output=True, text=True, check=False)
    if finished.returncode:
        said = (finished.stderr or finished.stdout).strip().splitlines()
        raise TwinFailedError(lock.name, said[-1] if said else "nothing said")
    # Compiled ahead, so that a cold start pays for imports and not for compiling.
    subprocess.run(
        [sys.executable, "-m", "compileall", "-q", "-j", "0", str(part)], check=False, stdout=subprocess.DEVNULL
    )
