"""`sandbox fault`: have a service fail, and see what the product makes of it."""

import re
from typing import Annotated

import typer

from sandbox.cli.options import DEFAULT_STATE_DIR, StateDir, usage_error
from sandbox.cli.system import ask

_DURATION = re.compile(r"(\d+)(ms|s|m)")
_MS = {"ms": 1, "s": 1_000, "m": 60_000}


def register(app: typer.Typer) -> None:
    app.command(epilog="Example: sandbox fault dynamodb ThrottlingException --for 10s")(fault)


def fault(
    service: Annotated[
        str, typer.Argument(help="dynamodb, sqs, ssm, lambda, execute-api, translate, polly, transcribe.")
    ] = "",
    code: Annotated[
        str, typer.Argument(help="The error, as the service names it; of transcribe what a stream suffers: reset@2000.")
    ] = "",
    times: Annotated[int, typer.Option(min=0, help="How many calls fail; 0: all, for as long as --for says.")] = 0,
    lasting: Annotated[str, typer.Option("--for", help="For how long calls fail: 500ms, 10s, 2m.")] = "",
    operation: Annotated[str, typer.Option(help="One operation alone, such as UpdateItem.")] = "",
    clear: Annotated[bool, typer.Option("--clear", help="Have every service answer again.")] = False,
    state_dir: StateDir = DEFAULT_STATE_DIR,
) -> None:
    """Have a service fail for the functions of the running sandbox: one call, some, or all for a while."""
    if clear:
        ask(state_dir, "POST", "faults", {"clear": True})
        return
    if not service or not code:
        usage_error("expected a service and an error, got neither or one: sandbox fault dynamodb ThrottlingException")
    order: dict[str, str | int] = {"service": service, "code": code, "operation": operation}
    if lasting:
        duration = _DURATION.fullmatch(lasting)
        if duration is None:
            usage_error(f"--for: expected a duration such as 500ms, 10s or 2m, got {lasting}")
        order["forMs"] = int(duration[1]) * _MS[duration[2]]
    if times:
        order["times"] = times
    ask(state_dir, "POST", "faults", order)
    print(f"{service}: {code} for {lasting or ('the next call' if times < 2 else f'the next {times} calls')}")
