"""Runs one sandbox in this process until it is told to end."""

import asyncio
import gc
import signal
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, NoReturn

from sandbox.live import state as state_file
from sandbox.live.backend import EMBEDDED_BACKEND
from sandbox.live.errors import AlreadyRunningError
from sandbox.live.plane_process import ControlPlane
from sandbox.live.settings import SandboxSettings
from sandbox.live.state import NotRunningError, SandboxState
from sandbox.live.watching import watch

if TYPE_CHECKING:
    from sandbox.live.world import LiveWorld


LAST_WORDS_S = 5
"""How long whoever is in the middle of a deployment is still told that the control plane has ended: CDK asks every one
or two seconds."""


async def serve(
    settings: SandboxSettings, announce: Callable[[SandboxState], None], say: Callable[[str], None]
) -> None:
    """Start everything, announce the state, and stop everything on SIGINT or SIGTERM; `say` takes what a person should
    know meanwhile.

    Raises SandboxError (one line, with the next step) when it cannot start; nothing is left behind then.
    """
    try:
        running = state_file.read(settings.state_file)
    except NotRunningError:
        pass
    else:
        raise AlreadyRunningError(str(settings.state_dir), running.pid)
    plane = ControlPlane(settings)
    # Nothing of what is loaded is garbage: the collector would look at it, again and again.
    gc.disable()
    try:
        if settings.empty and settings.backend == EMBEDDED_BACKEND:
            # There is nothing to check first. It loads what it needs while this process does.
            await plane.begin()
        from sandbox.live.world import LiveWorld

        await _serve(LiveWorld(settings, plane, say), plane, settings, announce, say)
    finally:
        gc.enable()
        settings.state_file.unlink(missing_ok=True)
        await plane.stop()


async def _serve(
    world: "LiveWorld",
    plane: ControlPlane,
    settings: SandboxSettings,
    announce: Callable[[SandboxState], None],
    say: Callable[[str], None],
) -> None:
    told_to_end = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, told_to_end.set)
    ending = asyncio.create_task(told_to_end.wait())
    starting = asyncio.create_task(world.start())
    losing = asyncio.create_task(plane.lost())
    try:
        await asyncio.wait({ending, starting, losing}, return_when=asyncio.FIRST_COMPLETED)
        if starting.done():
            state = starting.result()
            state_file.write(state, settings.state_file)
            announce(state)
            # What is loaded now stays: looking at it takes tens of milliseconds, in the middle of a message.
            gc.freeze()
            gc.enable()
            await _until_told(settings, state, ending, losing, say, world.in_force)
        else:
            starting.cancel()
            await asyncio.gather(starting, return_exceptions=True)
        if losing.done() and not ending.done():
            settings.state_file.unlink(missing_ok=True)
            await asyncio.wait({ending}, timeout=LAST_WORDS_S)
            losing.result()
    finally:
        ending.cancel()
        losing.cancel()
        await asyncio.gather(losing, return_exceptions=True)
        await world.stop()


async def _until_told(
    settings: SandboxSettings,
    state: SandboxState,
    ending: "asyncio.Task[bool]",
    losing: "asyncio.Task[NoReturn]",
    say: Callable[[str], None],
    in_force: Callable[[], Awaitable[None]],
) -> None:
    """Return when the sandbox is told to end, or cannot go on."""
    over = {ending, losing}
    if not settings.watch:
        await asyncio.wait(over, return_when=asyncio.FIRST_COMPLETED)
        return
    watching = asyncio.create_task(watch(settings, state.endpointUrl, say, in_force))
    await asyncio.wait({*over, watching}, return_when=asyncio.FIRST_COMPLETED)
    if watching.done():
        failed = watching.exception()
        say(f"watching: {failed or 'the watcher has ended'}: nothing is deployed by itself any more")
        await asyncio.wait(over, return_when=asyncio.FIRST_COMPLETED)
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)
