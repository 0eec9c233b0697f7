"""Layers: third-party packages from their lock files for Lambda's platform, and the product's shared code, once.

Built without Docker: pip takes wheels for CPython 3.11 on manylinux2014 (glibc 2.17, so Lambda's Amazon Linux 2
suffices) and the result is cached by the content of its lock. A layer carries the lock at its root, which says what it
was built from. Packages are given to CDK as an archive, made once with the folder: a folder it would compress anew for
each assembly that is published.
"""

import hashlib
import shutil
import subprocess
import sys
import tempfile
import zipfile
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
ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The first time that an archive can name, so that its bytes tell nothing of when it was made."""


def dependencies(scope: Construct, construct_id: str, lock_name: str) -> aws_lambda.LayerVersion:
    """A layer with the packages of `requirements/LOCK_NAME.lock`."""
    lock = PROJECT / "requirements" / f"{lock_name}.lock"
    digest = hashlib.sha256(lock.read_bytes()).hexdigest()
    folder = CACHE / f"{lock_name}-{digest[:16]}"
    archive = folder.with_name(f"{folder.name}.zip")
    if not folder.exists():
        _install(lock, folder)
    if not archive.exists():
        _zip(folder, archive)
    return _layer(scope, construct_id, archive, digest, f"Packages of {lock.name}")


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


def _zip(folder: Path, archive: Path) -> None:
    """The folder's files in one order, with one time, readable by everybody as Lambda wants them."""
    with tempfile.TemporaryDirectory(prefix=f"{archive.name}.", dir=archive.parent) as part:
        made = Path(part, archive.name)
        with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as content:
            for path in sorted(path for path in folder.rglob("*") if path.is_file()):
                entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), date_time=ZIP_EPOCH)
                entry.compress_type = zipfile.ZIP_DEFLATED
                entry.external_attr = (0o755 if path.stat().st_mode & 0o100 else 0o644) << 16
                content.writestr(entry, path.read_bytes())
        made.replace(archive)


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


def _layer(scope: Construct, construct_id: str, asset: Path, digest: str, about: str) -> aws_lambda.LayerVersion:
    code = aws_lambda.Code.from_asset(str(asset), asset_hash=digest, asset_hash_type=cdk.AssetHashType.CUSTOM)
    return aws_lambda.LayerVersion(scope, construct_id, code=code, compatible_runtimes=[RUNTIME], description=about)
