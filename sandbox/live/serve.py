"""Runs one sandbox in this process until it is told to end."""

import asyncio
import signal
from collections.abc import Callable

from sandbox.live import state as state_file
from sandbox.live.errors import AlreadyRunningError
from sandbox.live.settings import SandboxSettings
from sandbox.live.state import NotRunningError, SandboxState
from sandbox.live.world import LiveWorld


async def serve(settings: SandboxSettings, announce: Callable[[SandboxState], None]) -> None:
    """Start everything, announce the state, and stop everything on SIGINT or SIGTERM.

    Raises SandboxError (one line, with the next step) when it cannot start; nothing is left behind then.
    """
    try:
        running = state_file.read(settings.state_file)
    except NotRunningError:
        pass
    else:
        raise AlreadyRunningError(str(settings.state_dir), running.pid)
    world = LiveWorld(settings)
    told_to_end = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, told_to_end.set)
    ending = asyncio.create_task(told_to_end.wait())
    starting = asyncio.create_task(world.start())
    try:
        await asyncio.wait({ending, starting}, return_when=asyncio.FIRST_COMPLETED)
        if starting.done():
            state = starting.result()
            state_file.write(state, settings.state_file)
            announce(state)
            await ending
        else:
            starting.cancel()
            await asyncio.gather(starting, return_exceptions=True)
    finally:
        settings.state_file.unlink(missing_ok=True)
        ending.cancel()
        await world.stop()
