"""A running sandbox for as long as it is needed: the one that runs, or one started and stopped for the purpose."""

import contextlib
import os
import sys
from collections.abc import AsyncIterator, Callable

import cattrs

from sandbox.gateway import quotas
from sandbox.live import state as state_file
from sandbox.live.backend import EMBEDDED_BACKEND
from sandbox.live.errors import OtherBackendError
from sandbox.live.settings import FIRST_READY_WITHIN_S, SandboxSettings
from sandbox.live.state import NotRunningError, SandboxState
from sandbox.processes import Child


def up_command(settings: SandboxSettings) -> list[str]:
    """The command that runs a sandbox with these settings and prints its state when ready."""
    return [
        sys.executable, "-m", "sandbox.live", "--project", str(settings.project),
        "--state-dir", str(settings.state_dir), "--port", str(settings.port),
        "--backend", settings.backend.name, "--environment", settings.environment, "--iam", settings.iam,
        *(["--dynamodb", settings.backend.dynamodb_url] if settings.backend.dynamodb_url else []),
        "--function-state-ms", str(settings.function_state_ms),
        *(["--empty"] if settings.empty else []),
        *(["--watch"] if settings.watch else []),
        *(["--debug", settings.debug, "--debug-port", str(settings.debug_port)] if settings.debug else []),
        *(f"--quota={one}" for one in quotas.written(settings.quotas)),
    ]  # fmt: skip


@contextlib.asynccontextmanager
async def running_sandbox(settings: SandboxSettings, say: Callable[[str], None]) -> AsyncIterator[SandboxState]:
    """The state of a ready sandbox. Raises ChildFailedError, with the log's name, when one cannot be started, and
    OtherBackendError when the one that runs has its data elsewhere than was asked.
    """
    try:
        state = state_file.read(settings.state_file)
        wanted = settings.backend
        if wanted != EMBEDDED_BACKEND and state.dataEndpoints != wanted.endpoints():
            raise OtherBackendError(wanted.name, state.backend)
        yield state
        return
    except NotRunningError:
        say("starting a sandbox: the definitions are synthesised and deployed …")
    child = await Child.start(
        "the sandbox", up_command(settings), log=settings.state_dir / "sandbox.log", environment=os.environ,
        ready_within_s=FIRST_READY_WITHIN_S,
    )  # fmt: skip
    try:
        yield cattrs.structure(child.ready, SandboxState)
    finally:
        await child.stop()
