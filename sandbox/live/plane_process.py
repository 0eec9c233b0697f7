"""The control plane's process: begun as soon as nothing can be wrong any more, since it takes longest to be ready."""

import asyncio
import os
import sys
from typing import NoReturn

from sandbox.adopted_process import AdoptedProcess
from sandbox.live import plane_ahead
from sandbox.live.account import ACCOUNT_ID, REGION
from sandbox.live.errors import ControlPlaneEndedError
from sandbox.live.listening import listening
from sandbox.live.settings import SandboxSettings
from sandbox.processes import Child


class ControlPlane:
    """Its ports are here before it is: who comes early waits. `begin` needs a running event loop."""

    def __init__(self, settings: SandboxSettings) -> None:
        self._settings = settings
        self._ahead = plane_ahead.taken()
        if self._ahead is not None:
            self._calls, self._hot = self._ahead.calls, self._ahead.hot
        else:
            self._calls, self._hot = listening(), listening()
        self.url = f"http://localhost:{self._calls.getsockname()[1]}"
        hot_url, elsewhere = f"http://127.0.0.1:{self._hot.getsockname()[1]}", settings.backend.endpoints()
        # What another backend has is behind the one port, all of it.
        self.tables_url = self.url if "dynamodb" in elsewhere else hot_url
        self.queues_url = self.url if "sqs" in elsewhere else hot_url
        self._begun = asyncio.Event()
        self._starting: asyncio.Task[Child] | None = None
        self._log = settings.state_dir / "control-plane.log"

    async def begin(self) -> None:
        """Start the process, if that has not been done; return without waiting for it."""
        if self._starting is not None:
            return
        self._starting = asyncio.create_task(self._start())
        self._begun.set()
        # One turn of the loop: whatever holds it up next finds the process started.
        await asyncio.sleep(0)

    async def ready(self) -> Child:
        """Raises ChildFailedError."""
        assert self._starting is not None, "begun before anybody waits for it"
        return await asyncio.shield(self._starting)

    async def lost(self) -> NoReturn:
        """Go on for as long as it does. Raises ControlPlaneEndedError, or ChildFailedError when it does not start."""
        await self._begun.wait()
        child = await self.ready()
        raise ControlPlaneEndedError(await child.ended_by_itself(), str(self._log))

    async def stop(self) -> None:
        """End it, however far it is."""
        if self._starting is None:
            self._calls.close()
            self._hot.close()
            if self._ahead is not None:
                # Without orders it ends.
                self._ahead.process.communicate()
            return
        self._starting.cancel()
        await asyncio.wait({self._starting})
        if not self._starting.cancelled() and self._starting.exception() is None:
            await self._starting.result().stop()

    async def _start(self) -> Child:
        with self._calls, self._hot:
            said = arguments(self._settings, listening=self._calls.fileno(), listening_hot=self._hot.fileno())
            name, log = "the control plane", self._log
            if self._ahead is not None:
                log.parent.mkdir(parents=True, exist_ok=True)
                self._ahead.order(said, log)
                return await Child.adopt(name, await AdoptedProcess.adopt(self._ahead.process), log=log)
            command = [sys.executable, "-m", "sandbox.control_plane", *said]
            sockets = (self._calls, self._hot)
            return await Child.start(name, command, log=log, environment=os.environ, sockets=sockets)


def arguments(settings: SandboxSettings, *, listening: int, listening_hot: int) -> list[str]:
    """Its arguments, for two sockets that listen already, given by their descriptors."""
    said = [
        "--state-dir", str(settings.state_dir),
        "--layers-dir", str(settings.layers_dir), "--account-id", ACCOUNT_ID, "--region", REGION, "--iam", settings.iam,
        "--listening", str(listening), "--listening-hot", str(listening_hot),
        "--function-state-ms", str(settings.function_state_ms),
        "--parameter-reads-per-s", str(settings.quotas.parameter_reads_per_s),
        "--ahead", "services" if settings.empty else "templates",
    ]  # fmt: skip
    for service, url in settings.backend.endpoints().items():
        said += ["--data-endpoint", f"{service}={url}"]
    return said
