"""`python -m sandbox.testing.localstack [PYTEST ARGUMENT … | -- COMMAND …]`: tests, or a command, on LocalStack.

SANDBOX_BACKEND and SANDBOX_DYNAMODB name it to them. Without arguments, the tests that a backend can change. Exits as
what it ran does; 0 with one line where this machine lacks Java or a Python that LocalStack runs on.
"""

import os
import signal
import subprocess
import sys
from types import FrameType

from sandbox.live.backend import BACKEND_VARIABLE, DYNAMODB_VARIABLE
from sandbox.live.settings import PROJECT
from sandbox.testing.localstack.errors import LocalStackError, MissingToolError
from sandbox.testing.localstack.servers import running

TESTS = ("tests/sandbox/control_plane/backend", "tests/end_to_end")
MARKS = ("not own_sandbox", "own_sandbox")
"""One run of pytest each: two sandboxes on one backend at once would take each other's queued messages."""


def commands(given: list[str]) -> list[list[str]]:
    """What is run, one after another, for the arguments given."""
    if given[:1] == ["--"]:
        return [given[1:]]
    pytest = [sys.executable, "-m", "pytest"]
    return [[*pytest, *given]] if given else [[*pytest, "-m", mark, *TESTS] for mark in MARKS]


def main() -> None:
    given = sys.argv[1:]
    signal.signal(signal.SIGTERM, _end)
    try:
        folder = PROJECT / ".cache" / "localstack"
        with running(lock=PROJECT / "requirements" / "localstack.lock", folder=folder) as servers:
            took = ", ".join(f"{name} after {ms / 1000:.1f} s" for name, ms in servers.started_ms.items())
            print(f"ready: {took}", flush=True)
            chosen = {BACKEND_VARIABLE: servers.url, DYNAMODB_VARIABLE: servers.dynamodb_url}
            environment = os.environ | chosen
            # Each runs, whatever came of the one before; the first that failed says how it ends.
            codes = [
                subprocess.run(command, cwd=PROJECT, env=environment, check=False).returncode
                for command in commands(given)
            ]
    except MissingToolError as error:
        print(f"skipped: {error}")
        return
    except LocalStackError as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit(130)
    sys.exit(next((code for code in codes if code), 0))


def _end(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()
