"""`sandbox up`, `down`, `status`, `token`, `clock`: the whole system, kept running."""

import asyncio
import os
import re
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from sandbox.cli.options import (
    DEFAULT_STATE_DIR,
    AsJson,
    BackendName,
    DynamodbUrl,
    IamMode,
    QuotaOption,
    StateDir,
    backend_of,
    child_failure,
    failure,
    print_json,
    quotas_of,
    usage_error,
)

if TYPE_CHECKING:
    from sandbox.live.state import SandboxState

STOP_WITHIN_S = 10.0
_UNITS_MS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000}


def register(app: typer.Typer) -> None:
    app.command(epilog="Example: sandbox up --port 4566")(up)
    app.command(epilog="Example: sandbox down")(down)
    app.command(epilog="Example: sandbox status --json")(status)
    app.command(epilog="Example: sandbox token --user ada --kind access")(token)
    app.command(epilog="Example: sandbox clock advance 100m")(clock)


def current(state_dir: Path) -> "SandboxState":
    """The sandbox that runs with this state folder, or exit 2 with the next step."""
    from sandbox.live import state as state_file
    from sandbox.live.settings import SandboxSettings

    try:
        return state_file.read(SandboxSettings(state_dir=state_dir.resolve()).state_file)
    except state_file.NotRunningError as error:
        usage_error(error)


def ask(state_dir: Path, method: str, name: str, body: dict[str, Any] | None = None) -> Any:
    """One request to the running sandbox, or an ending with its own words."""
    from sandbox.live.client import AdminError
    from sandbox.live.client import ask as request

    try:
        return request(current(state_dir), method, name, body)
    except AdminError as error:
        failure(error)


def up(
    port: Annotated[int, typer.Option(help="The one port of everything; 0 takes a free one.")] = 4566,
    backend: BackendName = "embedded",
    dynamodb: DynamodbUrl = None,
    environment: Annotated[
        str, typer.Option(help="Which configuration is deployed: dev, staging or prod.")
    ] = "staging",
    empty: Annotated[
        bool, typer.Option("--empty", help="Deploy nothing; the endpoint runs what boto3, aws or cdk deploy to it.")
    ] = False,
    watch: Annotated[
        bool, typer.Option("--watch", help="Deploy again what changes under services/, while everything runs.")
    ] = False,
    debug: Annotated[
        str, typer.Option(metavar="FUNCTION", help="Have one environment of this function wait for a debugger.")
    ] = "",
    debug_port: Annotated[int, typer.Option(min=1, help="Where the debugger finds it.")] = 5678,
    iam: IamMode = "enforce",
    quota: QuotaOption = None,
    function_state_ms: Annotated[
        int, typer.Option(min=0, help="How long a function that boto3 made or changed is not Active yet.")
    ] = 100,
    detach: Annotated[bool, typer.Option("--detach", help="Return when it is ready and leave it running.")] = False,
    state_dir: StateDir = DEFAULT_STATE_DIR,
    as_json: AsJson = False,
) -> None:
    """Deploy the definitions and keep the whole system running until Ctrl-C or `sandbox down`."""
    from sandbox.live import state as state_file
    from sandbox.live.errors import SandboxError, WrongUsageError
    from sandbox.live.serve import serve
    from sandbox.live.settings import HIGHEST_PORT, SandboxSettings, environments
    from sandbox.processes import ChildFailedError

    if not 0 <= port <= HIGHEST_PORT:
        usage_error(f"expected --port from 0 (a free one) to {HIGHEST_PORT}, got {port}")
    settings = SandboxSettings(
        state_dir=state_dir.resolve(), port=port, backend=backend_of(backend, dynamodb), environment=environment,
        empty=empty, function_state_ms=function_state_ms, watch=watch, debug=debug, debug_port=debug_port,
        iam=iam, quotas=quotas_of(quota),
    )  # fmt: skip
    if empty and watch:
        usage_error("expected --watch or --empty, got both: with --empty nothing of services/ is deployed")
    known = environments(settings.project)
    if environment not in known:
        usage_error(f"expected --environment to be one of {', '.join(known)}, got {environment}")

    def announce(state: state_file.SandboxState) -> None:
        document = state_file.to_json(state)
        if as_json:
            print_json(document)
        else:
            print(f"ready: {state.webSocketUrl} (WebSocket), {state.endpointUrl} (AWS endpoint)", flush=True)

    try:
        if detach:
            announce(asyncio.run(_detached(settings)))
        else:
            asyncio.run(serve(settings, announce, _say))
    except WrongUsageError as error:
        usage_error(error)
    except ChildFailedError as error:
        child_failure(error)
    except SandboxError as error:
        failure(error)


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


async def _detached(settings: Any) -> "SandboxState":
    import cattrs

    from sandbox.live.borrow import up_command
    from sandbox.live.settings import FIRST_READY_WITHIN_S
    from sandbox.live.state import SandboxState
    from sandbox.processes import Child

    child = await Child.start(
        "the sandbox", up_command(settings), log=settings.state_dir / "sandbox.log", environment=os.environ,
        outlives_us=True, ready_within_s=FIRST_READY_WITHIN_S,
    )  # fmt: skip
    return cattrs.structure(child.ready, SandboxState)


def down(state_dir: StateDir = DEFAULT_STATE_DIR) -> None:
    """Stop the sandbox that runs with this state folder; nothing of it stays behind."""
    state = current(state_dir)
    os.kill(state.pid, signal.SIGTERM)
    deadline = time.monotonic() + STOP_WITHIN_S
    while time.monotonic() < deadline:
        try:
            os.kill(state.pid, 0)
        except ProcessLookupError:
            print("stopped")
            return
        time.sleep(0.05)
    failure(f"expected process {state.pid} to end within {STOP_WITHIN_S:.0f} s, it has not: end it with kill -9")


def status(state_dir: StateDir = DEFAULT_STATE_DIR, as_json: AsJson = False) -> None:
    """What runs: addresses, stacks, execution environments, connections, memory."""
    document = ask(state_dir, "GET", "status")
    if as_json:
        print_json(document)
        return
    for name, value in document.items():
        print(f"{name}: {value if isinstance(value, (str, int)) else len(value)}")


def token(
    user: Annotated[str, typer.Option(help="Whose token.")],
    kind: Annotated[Literal["id", "access"], typer.Option(help="Which of the pool's tokens.")] = "id",
    expires_in: Annotated[int, typer.Option(help="Seconds it lives; negative for an expired one.")] = 3600,
    group: Annotated[list[str] | None, typer.Option(help="A group of the user. Once for each.")] = None,
    attribute: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=VALUE", help="An attribute of the user, such as email. Once for each."),
    ] = None,
    state_dir: StateDir = DEFAULT_STATE_DIR,
    as_json: AsJson = False,
) -> None:
    """Print a JWT from the local user pool."""
    for one in attribute or ():
        if one.find("=") < 1:
            usage_error(f"expected --attribute NAME=VALUE, got {one}")
    named = [one.partition("=") for one in attribute or ()]
    about = {"user": user, "kind": kind, "expiresInS": expires_in, "groups": group or []}
    document = ask(state_dir, "POST", "token", about | {"attributes": {name: value for name, _, value in named}})
    if as_json:
        print_json(document)
    else:
        print(document["token"])


def clock(
    action: Annotated[str, typer.Argument(help="'show', or 'advance' with a duration.")] = "show",
    duration: Annotated[str, typer.Argument(help="How far, such as 90s, 100m or 2h.")] = "",
    state_dir: StateDir = DEFAULT_STATE_DIR,
    as_json: AsJson = False,
) -> None:
    """Show the sandbox's clock, or move it forward with everything that waits on it."""
    if action == "show":
        document = ask(state_dir, "GET", "clock")
    elif action == "advance":
        match = re.fullmatch(r"([0-9]+)(ms|s|m|h)", duration)
        if match is None:
            usage_error(f"expected a duration such as 90s, 100m or 2h, got {duration or 'nothing'}")
        by_ms = int(match[1]) * _UNITS_MS[match[2]]
        document = ask(state_dir, "POST", "clock", {"advanceMs": by_ms})
    else:
        usage_error(f"expected 'show' or 'advance DURATION', got {action}")
    if as_json:
        print_json(document)
    else:
        print(time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(document["nowMs"] / 1000)), "UTC")
