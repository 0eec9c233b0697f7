"""`sandbox alarms`: their states, and the proof that each can be raised and ends."""

import asyncio
import json
import sys
import time
from pathlib import Path
from typing import Annotated, Any

import typer

from sandbox.cli.options import DEFAULT_STATE_DIR, AsJson, StateDir, child_failure, failure, print_json, usage_error
from sandbox.cli.system import ask

EVIDENCE = "alarms.json"
"""In the state folder: what `sandbox report` says of the last verification."""


def register(app: typer.Typer) -> None:
    app.command(epilog="Example: sandbox alarms verify")(alarms)


def alarms(
    action: Annotated[str, typer.Argument(help="'show', or 'verify' with a sandbox of its own.")] = "show",
    state_dir: StateDir = DEFAULT_STATE_DIR,
    as_json: AsJson = False,
) -> None:
    """Print every alarm's state and its latest change (--json: its history); or verify them.

    'verify' raises each alarm by a real failure, lets it end, and shows that whoever is on call was told of both. It
    takes some minutes and exits 0 only if every alarm is proven.
    """
    if action == "show":
        _show(ask(state_dir, "GET", "alarms"), as_json=as_json)
    elif action == "verify":
        _verify(state_dir.resolve(), as_json=as_json)
    else:
        usage_error(f"expected 'show' or 'verify', got {action}")


def _show(states: list[dict[str, Any]], *, as_json: bool) -> None:
    if as_json:
        print_json(states)
        return
    for alarm in states:
        latest = alarm["history"][-1] if alarm["history"] else None
        since = time.strftime("since %H:%M:%S", time.gmtime(latest["at_ms"] / 1000)) if latest else ""
        print(f"{alarm['state']:<18} {alarm['name']:<38} {alarm['metric']:<48} {since}".rstrip())
        if alarm["state"] == "ALARM":
            print(f"{'':<18} {alarm['reason']}")


def _verify(state_dir: Path, *, as_json: bool) -> None:
    from sandbox.alarms.verify.proof import Proof, line, to_json
    from sandbox.alarms.verify.run import Verification
    from sandbox.alarms.verify.system import NeverSettledError, System
    from sandbox.client.connection import RefusedError
    from sandbox.live.borrow import running_sandbox
    from sandbox.live.client import AdminError
    from sandbox.live.settings import SandboxSettings
    from sandbox.processes import ChildFailedError

    settings = SandboxSettings(state_dir=state_dir / "alarms-verify", port=0)

    def say(text: str) -> None:
        print(text, flush=True, file=sys.stderr)

    async def perform() -> list[Proof]:
        async with running_sandbox(settings, say=say) as state:
            verification = Verification(
                system=System(state=state),
                samples=settings.samples_dir,
                folder=settings.state_dir / "recordings",
                say=say,
            )
            return await verification.run()

    try:
        proofs = asyncio.run(perform())
    except ChildFailedError as error:
        child_failure(error)
    except (AdminError, NeverSettledError, RefusedError, TimeoutError) as error:
        failure(str(error) or "expected an answer in time, got none: the machine may be too busy, try again")
    result = {"atMs": time.time_ns() // 1_000_000, "alarms": [to_json(proof) for proof in proofs]}
    (state_dir / EVIDENCE).write_text(json.dumps(result, indent=1))
    if as_json:
        print_json(result)
    else:
        for proof in proofs:
            print(line(proof))
    proven = sum(proof.is_proven for proof in proofs)
    say(f"{proven} of {len(proofs)} alarms proven; logs and journal: {settings.state_dir}")
    if proven < len(proofs):
        raise typer.Exit(1)
