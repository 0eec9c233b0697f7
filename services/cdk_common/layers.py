"""Layers: third-party packages from their lock files for Lambda's platform, and the product's shared code, once.

Built without Docker: pip takes wheels for CPython 3.11 on manylinux2014 (glibc 2.17, so Lambda's Amazon Linux 2
suffices)
and the result is cached by the content of its lock. A layer carries the lock at its root, which says what it was
built from.
"""

import hashlib
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_lambda
from constructs import Construct

PROJECT = Path(__file__).resolve().parents[2]
CACHE = PROJECT / ".cache" / "layers"
SHARED = PROJECT / "services" / "shared"
RUNTIME = aws_lambda.Runtime.PYTHON_3_11
PLATFORM = [
    "--platform",
    "manylinux2014_x86_64",
    "--python-version",
    "3.11",
    "--implementation",
    "cp",
    "--abi",
    "cp311",
]


def dependencies(scope: Construct, construct_id: str, lock_name: str) -> aws_lambda.LayerVersion:
    """A layer with the packages of `requirements/LOCK_NAME.lock`."""
    lock = PROJECT / "requirements" / f"{lock_name}.lock"
    digest = hashlib.sha256(lock.read_bytes()).hexdigest()
    folder = CACHE / f"{lock_name}-{digest[:16]}"
    if not folder.exists():
        _install(lock, folder)
    return _layer(scope, construct_id, folder, digest, f"Packages of {lock.name}")


def shared_code(scope: Construct, construct_id: str) -> aws_lambda.LayerVersion:
    """A layer with the packages of `services/shared`."""
    files = sorted(path for path in SHARED.rglob("*.py") if "__pycache__" not in path.parts)
    digest = hashlib.sha256()
    for path in files:
        digest.update(str(path.relative_to(SHARED)).encode() + b"\0" + path.read_bytes())
    folder = CACHE / f"shared-{digest.hexdigest()[:16]}"
    if not folder.exists():
        part = _part(folder)
        for path in files:
            target = part / "python" / path.relative_to(SHARED)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
        _keep(part, folder)
    return _layer(scope, construct_id, folder, digest.hexdigest(), "The product's shared code")


def _install(lock: Path, folder: Path) -> None:
    part = _part(folder)
    command = [
        sys.executable, "-m", "pip", "install", "--quiet", "--require-hashes", "--no-deps", "--no-compile",
        "--only-binary", ":all:", *PLATFORM, "--target", str(part / "python"), "-r", str(lock),
    ]  # fmt: skip
    subprocess.run(command, check=True)
    shutil.copyfile(lock, part / "requirements.lock")
    _keep(part, folder)


def _part(folder: Path) -> Path:
    """A place to build in that no other app's synthesis shares."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    return Path(tempfile.mkdtemp(prefix=f"{folder.name}.", dir=folder.parent))


def _keep(part: Path, folder: Path) -> None:
    """Put the finished folder in place; when another synthesis was faster, its folder is the same."""
    part.chmod(0o755)
    try:
        part.rename(folder)
    except OSError:
        shutil.rmtree(part)


def _layer(scope: Construct, construct_id: str, folder: Path, digest: str, about: str) -> aws_lambda.LayerVersion:
    code = aws_lambda.Code.from_asset(str(folder), asset_hash=digest, asset_hash_type=cdk.AssetHashType.CUSTOM)
    return aws_lambda.LayerVersion(scope, construct_id, code=code, compatible_runtimes=[RUNTIME], description=about)
