"""`python -m sandbox.live`: a sandbox for another command; prints its state as one JSON line when ready."""

import argparse
import asyncio
import json
import sys
from pathlib import Path

from sandbox.gateway import quotas
from sandbox.live.backend import choose
from sandbox.live.errors import SandboxError, WrongUsageError
from sandbox.live.serve import serve
from sandbox.live.settings import DEFAULT_DEBUG_PORT, SandboxSettings
from sandbox.live.state import SandboxState, to_json
from sandbox.permissions.guard import MODES
from sandbox.processes import ChildFailedError


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--project", type=Path, required=True)
    parser.add_argument("--state-dir", type=Path, required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--backend", required=True)
    parser.add_argument("--dynamodb")
    parser.add_argument("--environment", required=True)
    parser.add_argument("--empty", action="store_true")
    parser.add_argument("--watch", action="store_true")
    parser.add_argument("--debug", default="")
    parser.add_argument("--debug-port", type=int, default=DEFAULT_DEBUG_PORT)
    parser.add_argument("--function-state-ms", type=int, required=True)
    parser.add_argument("--quota", action="append", default=[])
    parser.add_argument("--iam", choices=MODES, required=True)
    given = parser.parse_args()
    settings = SandboxSettings(
        project=given.project, state_dir=given.state_dir, port=given.port, environment=given.environment,
        backend=choose(given.backend, dynamodb=given.dynamodb), iam=given.iam,
        empty=given.empty, function_state_ms=given.function_state_ms,
        quotas=quotas.parsed(given.quota), watch=given.watch, debug=given.debug, debug_port=given.debug_port,
    )  # fmt: skip

    def announce(state: SandboxState) -> None:
        print(json.dumps(to_json(state)), flush=True)

    try:
        asyncio.run(serve(settings, announce, lambda line: print(line, file=sys.stderr, flush=True)))
    except (SandboxError, ChildFailedError) as error:
        print(f"sandbox: {error}", file=sys.stderr)
        sys.exit(2 if isinstance(error, WrongUsageError) else 1)


if __name__ == "__main__":
    main()
