#!/usr/bin/env python3
"""The two commands of a fresh machine, and the few around them; needs only Python 3.11 and git.

python3 dev.py demo     set everything up, play recorded speech through the whole system
python3 dev.py test     set everything up, lint, check types, run every test
python3 dev.py test-localstack   the tests that a backend can change, on LocalStack and DynamoDB Local, without Docker
python3 dev.py lint     ruff and mypy alone
python3 dev.py lock     rewrite the lock files from requirements/*.in
python3 dev.py clean    remove the environment, caches and run folders
"""

import hashlib
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
LOCK = ROOT / "requirements" / "sandbox.lock"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
SOURCES = ["sandbox", "fake_transcribe", "services", "tests", "dev.py"]


def run(*command: str) -> None:
    """Run one command of the environment in the project's root; its failure is ours."""
    finished = subprocess.run([str(BIN / command[0]), *command[1:]], cwd=ROOT, check=False)
    if finished.returncode:
        sys.exit(finished.returncode)


def setup() -> None:
    """Make `.venv` hold exactly the locked packages; instant when it already does."""
    if sys.version_info < (3, 11):  # noqa: UP036 - the one place that meets an older Python
        sys.exit(f"Python 3.11 or newer is needed, this is {sys.version.split()[0]}: run this with a newer python3")
    wanted = hashlib.sha256(LOCK.read_bytes() + sys.version.encode()).hexdigest()
    stamp = VENV / "locked.sha256"
    if stamp.exists() and stamp.read_text() == wanted:
        return
    print("setting up .venv (once, about a minute) …", flush=True)
    shutil.rmtree(VENV, ignore_errors=True)
    venv.create(VENV, with_pip=True)
    run("python", "-m", "pip", "install", "--quiet", "--require-hashes", "--no-deps", "-r", str(LOCK))
    site = next(VENV.glob("lib/python*/site-packages"), VENV / "Lib" / "site-packages")
    (site / "live_translation_sandbox.pth").write_text(f"{ROOT}\n")
    launcher = BIN / "sandbox"
    launcher.write_text(f"#!{BIN / 'python'}\nfrom sandbox.cli import main\n\nmain()\n")
    launcher.chmod(0o755)
    stamp.write_text(wanted)


def lint() -> None:
    run("ruff", "check", *SOURCES)
    run("ruff", "format", "--check", *SOURCES)
    run("mypy", "sandbox", "fake_transcribe", "services", "tests")


def test(arguments: list[str]) -> None:
    lint()
    run("pytest", *arguments)


def lock() -> None:
    """Resolve each requirements/*.in; the layers for Lambda's platform, the rest for every platform."""
    compile_ = [
        "uv",
        "pip",
        "compile",
        "--quiet",
        "--generate-hashes",
        "--no-header",
        "--no-annotate",
        "--python-version",
        "3.11",
    ]
    for name in ("sandbox", "runtime"):
        run(*compile_, "--universal", f"requirements/{name}.in", "-o", f"requirements/{name}.lock")
    for name in ("light", "audio"):
        run(*compile_, "--python-platform", "x86_64-manylinux2014", "--only-binary", ":all:",
            f"requirements/{name}.in", "-o", f"requirements/{name}.lock")  # fmt: skip
    # Every package of LocalStack's environment is pinned by name, so only the hashes are new.
    at = compile_.index("3.11")
    run(*compile_[:at], "3.12", "--universal", "--no-deps", "requirements/localstack.in",
        "-o", "requirements/localstack.lock")  # fmt: skip


def clean() -> None:
    for folder in (".venv", ".sandbox", ".cache", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis"):
        shutil.rmtree(ROOT / folder, ignore_errors=True)


def main() -> None:
    command, *arguments = sys.argv[1:] or ["help"]
    if command == "clean":
        clean()
        return
    if command not in ("demo", "test", "lint", "lock", "setup", "test-localstack"):
        sys.exit((__doc__ or "").strip())
    setup()
    if command == "demo":
        run("sandbox", "demo", *arguments)
    elif command == "test":
        test(arguments)
    elif command == "test-localstack":
        run("python", "-m", "sandbox.testing.localstack", *arguments)
    elif command == "lint":
        lint()
    elif command == "lock":
        lock()


if __name__ == "__main__":
    main()
