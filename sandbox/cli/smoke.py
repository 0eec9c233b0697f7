"""`sandbox smoke`: does the system that runs do what it is for?"""

import asyncio
import json
import sys
import time
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

import typer

from sandbox.cli.options import DEFAULT_STATE_DIR, AsJson, StateDir, child_failure, failure, print_json, usage_error

EVIDENCE = "smoke.json"
"""In the state folder: what `sandbox report` says of it."""


def register(app: typer.Typer) -> None:
    app.command(epilog="Example: sandbox smoke --url wss://abc123.execute-api.us-east-1.amazonaws.com/prod --token …")(
        smoke
    )


def smoke(
    url: Annotated[str | None, typer.Option(help="A WebSocket API's stage; the local sandbox without.")] = None,
    token: Annotated[
        str | None, typer.Option(envvar="SANDBOX_SMOKE_TOKEN", help="A speaker's token, for --url.", show_envvar=True)
    ] = None,
    state_dir: StateDir = DEFAULT_STATE_DIR,
    as_json: AsJson = False,
) -> None:
    """Run the seven smoke tests against the running sandbox (or one for the purpose), or against any deployment.

    Exit 0 when all passed. The same code judges both; it sees what a speaker and a listener see.
    """
    from sandbox.client import recording
    from sandbox.demo.plan import DEFAULT_SAMPLES
    from sandbox.live.borrow import running_sandbox
    from sandbox.live.client import AdminError, ask
    from sandbox.live.settings import SandboxSettings
    from sandbox.processes import ChildFailedError
    from sandbox.smoke import steps as smoke_steps
    from sandbox.smoke.run import SmokeTest, Target

    settings = SandboxSettings(state_dir=state_dir.resolve(), port=0)
    if url is not None:
        address = urlsplit(url)
        if address.scheme not in ("ws", "wss") or not address.hostname:
            usage_error(f"expected --url such as wss://API.execute-api.REGION.amazonaws.com/prod, got {url}")
        if not token:
            usage_error("expected --token or SANDBOX_SMOKE_TOKEN together with --url: get one from its user pool")
    spoken = recording.load(settings.samples_dir / f"{DEFAULT_SAMPLES[0]}.wav")

    def say(text: str) -> None:
        print(text, flush=True, file=sys.stderr if as_json else sys.stdout)

    async def perform(target: Target) -> list[smoke_steps.Step]:
        test = SmokeTest(target=target, recording=spoken, tell=lambda step: say(smoke_steps.line(step)))
        return await test.run()

    async def locally() -> tuple[str, list[smoke_steps.Step]]:
        async with running_sandbox(settings, say=say) as state:
            await asyncio.to_thread(ask, state, "POST", "runs", {})
            user = {"user": f"smoke-{time.time_ns()}"}
            local = await asyncio.to_thread(ask, state, "POST", "token", user)
            target = Target(
                url=state.webSocketUrl, token=local["token"], speaker_address="127.0.60.1",
                listener_address="127.0.60.2",
            )  # fmt: skip
            return state.webSocketUrl, await perform(target)

    try:
        if url is not None:
            where, steps = url, asyncio.run(perform(Target(url=url, token=token or "")))
        else:
            where, steps = asyncio.run(locally())
    except ChildFailedError as error:
        child_failure(error)
    except AdminError as error:
        failure(error)
    address = urlsplit(where)
    result = smoke_steps.to_json(
        steps, target=f"{address.scheme}://{address.netloc}{address.path}", at_ms=time.time_ns() // 1_000_000
    )
    _keep(settings.state_dir, result)
    if as_json:
        print_json(result)
    passed = sum(bool(one.passed) for one in steps)
    say(f"{passed} of {len(smoke_steps.NAMES)} passed")
    if not result["passed"]:
        raise typer.Exit(1)


def _keep(state_dir: Path, result: dict[str, Any]) -> None:
    state_dir.mkdir(parents=True, exist_ok=True)
    (state_dir / EVIDENCE).write_text(json.dumps(result, indent=1))
