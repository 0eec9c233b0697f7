"""`sandbox demo`: the main job."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from sandbox.cli.options import (
    DEFAULT_STATE_DIR,
    BackendName,
    DynamodbUrl,
    IamMode,
    StateDir,
    backend_of,
    child_failure,
    failure,
    usage_error,
)

EXAMPLE = "Example: sandbox demo --audio talk.flac --text 'Good morning, everyone.' --listen es,fr"


def register(app: typer.Typer) -> None:
    app.command(epilog=EXAMPLE)(demo)


def demo(
    sample: Annotated[list[str] | None, typer.Option(help="A recording of audio_samples; may be repeated.")] = None,
    audio: Annotated[Path | None, typer.Option(help="A recording of your own; needs --words or --text.")] = None,
    words: Annotated[Path | None, typer.Option(help="Its words and times, in the form of audio_samples.")] = None,
    text: Annotated[
        str | None, typer.Option(help="Or what is said in it, aligned to the audio by PocketSphinx.")
    ] = None,
    listen: Annotated[str, typer.Option(help="The listeners' languages, separated by commas.")] = "es,fr",
    backend: BackendName = "embedded",
    dynamodb: DynamodbUrl = None,
    iam: IamMode = "enforce",
    repeat: Annotated[int, typer.Option(help="How many times the recordings are played.")] = 1,
    state_dir: StateDir = DEFAULT_STATE_DIR,
) -> None:
    """Play recorded speech through the whole system; exit 0 only if every listener got every word once.

    Joins the sandbox that runs with this state folder, else starts one and stops it afterwards.
    """
    from rich.console import Console

    from sandbox.client.recording import RecordingError
    from sandbox.demo.own_recording import install
    from sandbox.demo.plan import DEFAULT_SAMPLES, plan_samples
    from sandbox.demo.run import run_demo
    from sandbox.live.borrow import running_sandbox
    from sandbox.live.client import AdminError, ask
    from sandbox.live.settings import SandboxSettings
    from sandbox.processes import ChildFailedError

    settings = SandboxSettings(
        state_dir=Path(state_dir).resolve(), port=0, backend=backend_of(backend, dynamodb), iam=iam
    )
    try:
        languages = [code.strip() for code in listen.split(",") if code.strip()]
        if (audio is None) != (words is None and text is None):
            raise RecordingError("expected --audio together with --words or --text: give the other too")
        folder = settings.samples_dir
        if audio is not None:
            folder = settings.state_dir / "recordings"
            sample = [install(audio, folder, words=words, text=text)]
        plan = plan_samples(folder, sample or list(DEFAULT_SAMPLES), listen=languages, repeat=repeat)
    except RecordingError as error:
        usage_error(error)
    console = Console(highlight=False)

    async def perform() -> bool:
        async with running_sandbox(settings, say=console.print) as state:
            await asyncio.to_thread(ask, state, "POST", "recordings", {"folder": str(folder)})
            return await run_demo(state, plan, console)

    try:
        whole = asyncio.run(perform())
    except ChildFailedError as error:
        child_failure(error)
    except (AdminError, ConnectionError, RuntimeError) as error:
        failure(error)
    if not whole:
        failure("expected every listener to get every word once: see the lines above and the run folder")
