#!/usr/bin/env python3
"""The two commands of a fresh machine, and the few around them; needs only Python 3.11 and git.

python3 dev.py demo     set everything up, play recorded speech through the whole system
python3 dev.py test     set everything up, lint, check types, run every test
python3 dev.py test-localstack   the tests that a backend can change, on LocalStack and DynamoDB Local, without Docker
python3 dev.py test-ministack    the same on MiniStack, which is installed in an environment of its own
python3 dev.py lint     ruff and mypy alone
python3 dev.py fidelity write docs/fidelity.md from docs/fidelity/*.toml, and say what is wrong with its rows
python3 dev.py align    add the extra that finds a text's words in a recording (PocketSphinx, 28 MB)
python3 dev.py tools    put the pinned cdk, aws and wscat into .venv/bin
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
ALIGN_LOCK = ROOT / "requirements" / "align.lock"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
TESTS_FAILED = 1  # pytest's exit code for it
BACKENDS = {"test-localstack": "sandbox.testing.localstack", "test-ministack": "sandbox.testing.ministack"}
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
    stamp, wanted = VENV / "locked.sha256", _digest(LOCK)
    if stamp.exists() and stamp.read_text() == wanted:
        return
    print("setting up .venv (once, about a minute) …", flush=True)
    shutil.rmtree(VENV, ignore_errors=True)
    venv.create(VENV, with_pip=True)
    _install(LOCK)
    site = next(VENV.glob("lib/python*/site-packages"), VENV / "Lib" / "site-packages")
    (site / "live_translation_sandbox.pth").write_text(f"{ROOT}\n")
    launcher = BIN / "sandbox"
    launcher.write_text(f"#!{BIN / 'python'}\nfrom sandbox.cli import main\n\nmain()\n")
    launcher.chmod(0o755)
    stamp.write_text(wanted)


def align() -> None:
    """Add the extra `align` to `.venv`; instant when it is there."""
    stamp, wanted = VENV / "align.sha256", _digest(ALIGN_LOCK)
    if not stamp.exists() or stamp.read_text() != wanted:
        print("adding PocketSphinx to .venv (once) …", flush=True)
        _install(ALIGN_LOCK)
        stamp.write_text(wanted)


def _digest(lock_file: Path) -> str:
    return hashlib.sha256(lock_file.read_bytes() + sys.version.encode()).hexdigest()


def _install(lock_file: Path) -> None:
    run("python", "-m", "pip", "install", "--quiet", "--require-hashes", "--no-deps", "-r", str(lock_file))


def lint() -> None:
    run("ruff", "check", *SOURCES)
    run("ruff", "format", "--check", *SOURCES)
    run("mypy", "sandbox", "fake_transcribe", "services", "tests")


def test(arguments: list[str]) -> None:
    align()
    lint()
    if arguments:
        run("pytest", *arguments)
        return
    run("pytest", "-m", "not e2e", "-n", "auto", "--maxprocesses", "4", "--dist", "loadfile")
    # One at a time: they run whole sandboxes, whose words come late on a busy machine. What failed is tried once more,
    # alone, and both runs are printed: only what fails twice fails the whole.
    whole_sandboxes = [str(BIN / "pytest"), "-m", "e2e"]
    if subprocess.run(whole_sandboxes, cwd=ROOT, check=False).returncode == TESTS_FAILED:
        run("pytest", "-m", "e2e", "--last-failed")


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
    for name in ("sandbox", "runtime", "aws-cli", "debug", "ministack"):
        run(*compile_, "--universal", f"requirements/{name}.in", "-o", f"requirements/{name}.lock")
    # The extra goes into the same environment: what both need has one version.
    run(*compile_, "--universal", "-c", "requirements/sandbox.lock",
        "requirements/align.in", "-o", "requirements/align.lock")  # fmt: skip
    # The clients of the fake Transcribe's conformance tests, in Python and on npm.
    run(*compile_, "--universal", "requirements/transcribe-clients.in",
        "-o", "requirements/transcribe-clients.lock")  # fmt: skip
    run("python", "-m", "tests.fake_transcribe.clients.install")
    run("python", "-m", "sandbox.tools", "lock")
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
    if command not in ("demo", "test", "lint", "align", "lock", "setup", "fidelity", "tools", *BACKENDS):
        sys.exit((__doc__ or "").strip())
    setup()
    if command == "demo":
        run("sandbox", "demo", *arguments)
    elif command == "test":
        test(arguments)
    elif command in BACKENDS:
        run("python", "-m", BACKENDS[command], *arguments)
    elif command == "lint":
        lint()
    elif command == "fidelity":
        run("python", "-m", "tests.fidelity")
    elif command == "align":
        align()
    elif command == "tools":
        run("python", "-m", "sandbox.tools")
    elif command == "lock":
        lock()


if __name__ == "__main__":
    main()
