"""`python -m sandbox.testing.localstack [PYTEST ARGUMENT … | -- COMMAND …]`: tests, or a command, on LocalStack.

SANDBOX_BACKEND and SANDBOX_DYNAMODB name it to them. Without arguments, the tests that a backend can change. Exits as
what it ran does; 0 with one line where this machine lacks Java or a Python that LocalStack runs on.
"""

import sys

from sandbox.live.backend import BACKEND_VARIABLE, DYNAMODB_VARIABLE
from sandbox.live.settings import PROJECT
from sandbox.testing import on_backend
from sandbox.testing.backend_process import BackendError
from sandbox.testing.localstack.errors import MissingToolError
from sandbox.testing.localstack.servers import running


def main() -> None:
    on_backend.end_as_interrupted()
    try:
        folder = PROJECT / ".cache" / "localstack"
        with running(lock=PROJECT / "requirements" / "localstack.lock", folder=folder) as servers:
            took = ", ".join(f"{name} after {ms / 1000:.1f} s" for name, ms in servers.started_ms.items())
            print(f"ready: {took}", flush=True)
            chosen = {BACKEND_VARIABLE: servers.url, DYNAMODB_VARIABLE: servers.dynamodb_url}
            code = on_backend.run(sys.argv[1:], chosen)
    except MissingToolError as error:
        print(f"skipped: {error}")
        return
    except BackendError as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit(130)
    sys.exit(code)


if __name__ == "__main__":
    main()
