"""`python -m sandbox.testing.ministack [PYTEST ARGUMENT … | -- COMMAND …]`: tests, or a command, on MiniStack.

It is installed from its lock into an environment of its own, and knows every data service; SANDBOX_BACKEND names it to
what is run. Without arguments, the tests that a backend can change. Exits as what it ran does.
"""

import contextlib
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from sandbox.live.backend import BACKEND_VARIABLE
from sandbox.live.settings import PROJECT
from sandbox.testing import on_backend
from sandbox.testing.backend_process import BackendError, free_ports, process, wait_until_ready
from sandbox.tools.errors import InstallError
from sandbox.tools.packages import from_pip


@contextlib.contextmanager
def running(*, lock: Path, folder: Path) -> Iterator[str]:
    """Its URL, once it answers. Raises BackendError or InstallError."""
    python = from_pip(lock, cache=folder) / "bin" / "python"
    port, _ = free_ports()
    url = f"http://localhost:{port}"
    log = folder / "ministack.log"
    environment = os.environ | {"GATEWAY_PORT": str(port), "BIND_HOST": "127.0.0.1"}
    began = time.monotonic()
    with process([str(python), "-m", "ministack"], log=log, cwd=folder, environment=environment) as started:
        took_ms = wait_until_ready(started, "MiniStack", f"{url}/_ministack/health", log, began)
        print(f"ready: MiniStack after {took_ms / 1000:.1f} s", flush=True)
        yield url


def main() -> None:
    on_backend.end_as_interrupted()
    try:
        lock = PROJECT / "requirements" / "ministack.lock"
        with running(lock=lock, folder=PROJECT / ".cache" / "ministack") as url:
            code = on_backend.run(sys.argv[1:], {BACKEND_VARIABLE: url})
    except (BackendError, InstallError) as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit(130)
    sys.exit(code)


if __name__ == "__main__":
    main()
