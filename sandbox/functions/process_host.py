"""Environments in the live world: a process on AWS's runtime client, asking a Runtime API of its own."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from pathlib import Path

from sandbox.definitions.model import Function
from sandbox.functions import twins
from sandbox.functions.environment import Request
from sandbox.functions.host import Hosted
from sandbox.functions.process import EnvironmentProcess, variables
from sandbox.functions.runtime_api import RuntimeApi
from sandbox.functions.settings import FunctionSettings

RUNTIME = Path(__file__).parent / "runtime"
"""What an environment's process runs besides Lambda's own packages."""


class ProcessHosts:
    """`host.Hosts` with real processes."""

    def __init__(self, settings: FunctionSettings) -> None:
        self._settings = settings
        self._runtime_path: Path | None = None
        self._ahead_ms = 0

    async def prepare(self) -> None:
        """Make Lambda's own packages ready for this Python. Raises TwinFailedError."""
        self._settings.clock_file.unlink(missing_ok=True)
        self._runtime_path = await asyncio.to_thread(twins.twin, self._settings.runtime_lock, self._settings.cache_dir)

    def clock_moved(self, ahead_ms: int) -> None:
        """Let handlers meet the sandbox's clock as it is now, each from its next invocation on."""
        self._ahead_ms = ahead_ms
        self._settings.clock_file.write_text(str(ahead_ms))

    def make(self, function: Function, hosted: Hosted) -> "ProcessHost":
        log_stream = f"[$LATEST]{uuid.uuid4().hex}"

        def start_process(
            port: int, on_line: Callable[[str], None], on_exit: Callable[[], None]
        ) -> Awaitable[EnvironmentProcess]:
            return self._start_process(function, log_stream, port, on_line, on_exit)

        return ProcessHost(
            arn=function.arn, hosted=hosted, start_process=start_process, ahead_ms=lambda: self._ahead_ms
        )

    async def _start_process(
        self,
        function: Function,
        log_stream: str,
        port: int,
        on_line: Callable[[str], None],
        on_exit: Callable[[], None],
    ) -> EnvironmentProcess:
        python_path = [function.path, *await self._layer_paths(function), str(self._runtime_path), str(RUNTIME)]
        environment = variables(
            function,
            runtime_port=port,
            log_stream=log_stream,
            python_path=python_path,
            credentials=self._settings.credentials(function),
            region=self._settings.region,
        )
        environment |= self._settings.base_environment(function)
        return await EnvironmentProcess.start(
            python=self._settings.python,
            function=function,
            clock_file=self._settings.clock_file,
            environment=environment,
            on_line=on_line,
            on_exit=on_exit,
        )

    async def _layer_paths(self, function: Function) -> list[str]:
        paths = []
        for layer in function.layers:
            lock = Path(layer.path) / twins.LOCK_NAME
            if lock.exists() and not twins.host_runs_layers():
                paths.append(str(await asyncio.to_thread(twins.twin, lock, self._settings.cache_dir)))
            else:
                paths += [f"{layer.path}/python", f"{layer.path}/python/lib/python3.11/site-packages"]
        return paths


StartProcess = Callable[[int, Callable[[str], None], Callable[[], None]], Awaitable[EnvironmentProcess]]


class ProcessHost:
    """`host.Host`: the process and its Runtime API."""

    def __init__(
        self,
        *,
        arn: str,
        hosted: Hosted,
        start_process: StartProcess,
        ahead_ms: Callable[[], int],
    ) -> None:
        self._arn = arn
        self._hosted = hosted
        self._start_process = start_process
        self._ahead_ms = ahead_ms
        self._api = RuntimeApi(hosted)
        self._process: EnvironmentProcess | None = None
        self._generation = 0
        self._respawning: asyncio.Future[None] | None = None
        self._port = 0

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    async def start(self) -> None:
        self._port = await self._api.start()
        await self._spawn()

    def deliver(self, request: Request, deadline_ms: int) -> None:
        self._api.answer_next(
            request_id=request.request_id,
            # What the handler is told of its deadline is on the sandbox's clock, as its own time is.
            deadline_ms=deadline_ms + self._ahead_ms(),
            arn=self._arn,
            trace_id=request.trace_id,
            payload=request.payload,
        )

    def freeze(self) -> None:
        if self._process is not None:
            self._process.freeze()

    def thaw(self) -> None:
        if self._process is not None:
            self._process.thaw()

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()

    def restart(self) -> None:
        self.kill()
        self._respawning = asyncio.ensure_future(self._spawn())

    async def ended(self) -> None:
        if self._process is not None:
            await self._process.ended()

    def close(self) -> None:
        self._api.stop()

    def peak_memory_mb(self) -> int:
        return self._process.peak_memory_mb() if self._process else 0

    async def _spawn(self) -> None:
        self._generation += 1
        generation = self._generation

        def on_exit() -> None:
            if generation == self._generation:
                self._hosted.on_exit()

        self._process = await self._start_process(self._port, self._hosted.on_line, on_exit)
