"""Environments in the live world: a process on AWS's runtime client, asking a Runtime API of its own."""

import asyncio
import sys
import time
import uuid
from collections.abc import Awaitable, Callable
from pathlib import Path

from sandbox.definitions.model import Function
from sandbox.functions import lines, twins
from sandbox.functions.effects import Request
from sandbox.functions.host import Hosted
from sandbox.functions.isolation import Isolation
from sandbox.functions.layers import merged
from sandbox.functions.nurseries import Nurseries
from sandbox.functions.nursery import Nursery
from sandbox.functions.process import EnvironmentProcess, Started, started_whole, variables
from sandbox.functions.runtime.sandbox_runtime import WAITING
from sandbox.functions.runtime_api import RuntimeApi
from sandbox.functions.settings import FunctionSettings

MEMORY_LOOK_S = 0.2
"""Between two looks at the memory of an environment at work."""

RUNTIME = Path(__file__).parent / "runtime"
"""What an environment's process runs besides Lambda's own packages."""

READ_AT_START = ("PYTHON", "LD_", "LC_", "MALLOC_", "OPENBLAS_", "OMP_", "NPY_", "NUMPY_")
"""Beginnings of the variables that a process reads before any code of Lambda's, or when a package is loaded that a
nursery has loaded already: one that has them is started whole."""


class ProcessHosts:
    """`host.Hosts` with real processes."""

    def __init__(self, settings: FunctionSettings) -> None:
        self._settings = settings
        self._runtime_path: Path | None = None
        self._nurseries: Nurseries | None = None
        self._isolation: Isolation | None = None
        self._ahead_ms = 0
        self._debugger: Path | None = None
        self._debugs = False

    async def prepare(self) -> None:
        """Make Lambda's own packages ready for this Python. Raises TwinFailedError."""
        self._settings.clock_file.parent.mkdir(parents=True, exist_ok=True)
        self._settings.clock_file.write_text("0")
        self._runtime_path = await asyncio.to_thread(twins.twin, self._settings.runtime_lock, self._settings.cache_dir)
        # What a folder of this machine would cover, and is needed nevertheless.
        keep = [Path(sys.base_prefix), RUNTIME, self._settings.clock_file, *self._settings.kept_paths]
        debugging = self._settings.debugging
        if debugging is not None:
            self._debugger = await asyncio.to_thread(twins.twin, debugging.lock, self._settings.cache_dir)
            keep.append(self._debugger)
        self._isolation = await asyncio.to_thread(Isolation.find, self._settings.python, keep=keep)
        if Nursery.is_possible():
            self._nurseries = Nurseries(
                [str(self._runtime_path), str(RUNTIME)], python=self._settings.python,
                log_folder=self._settings.clock_file.parent,
            )  # fmt: skip

    async def load_ahead(self) -> None:
        """Begin the process that environments come from, which loads what nearly all of them need."""
        if self._nurseries is not None:
            await self._nurseries.start()

    async def stop(self) -> None:
        """End what environments come from; those that are left end with it."""
        if self._nurseries is not None:
            await self._nurseries.stop()
        if self._isolation is not None:
            self._isolation.close()

    def clock_moved(self, ahead_ms: int) -> None:
        """Let handlers meet the sandbox's clock as it is now, each from its next invocation on."""
        self._ahead_ms = ahead_ms
        self._settings.clock_file.write_text(str(ahead_ms))

    def make(self, function: Function, hosted: Hosted) -> "ProcessHost":
        log_stream = lines.log_stream(time.time_ns() // 1_000_000 + self._ahead_ms, uuid.uuid4().hex)
        debugging = self._settings.debugging
        # One at a time has the port; the others go on as ever, so that what waits holds nothing up.
        is_debugged = debugging is not None and debugging.function == function.name and not self._debugs
        self._debugs = self._debugs or is_debugged

        def start_process(
            port: int, on_line: Callable[[str], None], on_exit: Callable[[int], None]
        ) -> Awaitable[EnvironmentProcess]:
            return self._start_process(function, log_stream, port, on_line, on_exit, is_debugged=is_debugged)

        return ProcessHost(
            log_stream=log_stream, hosted=hosted, start_process=start_process, ahead_ms=lambda: self._ahead_ms,
            on_closed=self._let_another_be_debugged if is_debugged else None,
        )  # fmt: skip

    def _let_another_be_debugged(self) -> None:
        self._debugs = False

    async def _start_process(
        self,
        function: Function,
        log_stream: str,
        port: int,
        on_line: Callable[[str], None],
        on_exit: Callable[[int], None],
        *,
        is_debugged: bool,
    ) -> EnvironmentProcess:
        assert self._runtime_path is not None, "prepared before the first environment"
        layers = await asyncio.to_thread(merged, function.layers, self._settings.cache_dir)
        own_paths = [function.path]
        if layers is not None:
            own_paths += [f"{layers}/python/lib/python3.11/site-packages", f"{layers}/python"]
        environment = variables(
            function,
            runtime_port=port,
            log_stream=log_stream,
            python_path=[*own_paths, str(self._runtime_path), str(RUNTIME)],
            credentials=self._settings.credentials(function),
            region=self._settings.region,
        )
        environment |= self._settings.base_environment(function)
        nurseries, plan = self._nurseries, ""
        if self._isolation is not None:
            beside = nurseries.beside(own_paths) if nurseries is not None else None
            plan = self._isolation.plan(
                function, layers=layers, runtime=self._runtime_path, own_paths=own_paths,
                seen_too=[Path(beside)] if beside is not None else (),
            )  # fmt: skip
        arguments = [str(self._settings.clock_file), function.handler, plan]
        if is_debugged:
            assert self._settings.debugging is not None
            arguments.append(f"{self._settings.debugging.port}:{self._debugger}")
            on_line = self._telling_of_the_wait(function, on_line)

        async def begin(output: int) -> Started:
            if nurseries is not None and not is_debugged and not any(map(_is_read_at_start, function.environment)):
                born = await nurseries.bear(own_paths, environment=environment, arguments=arguments, output=output)
                if born is not None:
                    return born
            return await started_whole(
                python=self._settings.python, folder=function.path, environment=environment, arguments=arguments,
                output=output,
            )  # fmt: skip

        return await EnvironmentProcess.start(begin, on_line=on_line, on_exit=on_exit)

    def _telling_of_the_wait(self, function: Function, on_line: Callable[[str], None]) -> Callable[[str], None]:
        debugging = self._settings.debugging
        assert debugging is not None
        code = "/var/task" if self._isolation is not None else function.path

        def hear(line: str) -> None:
            if line == WAITING:
                at = f"127.0.0.1:{debugging.port}"
                debugging.say(f"{function.name} waits for a debugger at {at}: attach one, its code is at {code}")
            else:
                on_line(line)

        return hear


def _is_read_at_start(variable: str) -> bool:
    return variable.startswith(READ_AT_START)


StartProcess = Callable[[int, Callable[[str], None], Callable[[int], None]], Awaitable[EnvironmentProcess]]


class ProcessHost:
    """`host.Host`: the process and its Runtime API."""

    def __init__(
        self,
        *,
        log_stream: str,
        hosted: Hosted,
        start_process: StartProcess,
        ahead_ms: Callable[[], int],
        on_closed: Callable[[], None] | None = None,
    ) -> None:
        """`on_closed`: given to the one that is debugged, called when another may be."""
        self.log_stream = log_stream
        self._hosted = hosted
        self._start_process = start_process
        self._ahead_ms = ahead_ms
        self._on_closed = on_closed
        self._api = RuntimeApi(hosted)
        self._process: EnvironmentProcess | None = None
        self._generation = 0
        self._respawning: asyncio.Future[None] | None = None
        self._looking: asyncio.TimerHandle | None = None
        self._used_mb = 0
        self._port = 0

    @property
    def is_debugged(self) -> bool:
        return self._on_closed is not None

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    async def start(self) -> None:
        self._port = await self._api.start()
        await self._spawn()

    def deliver(self, request: Request, deadline_ms: int) -> None:
        if self._looking is None:
            self._look_after_memory()
        self._api.answer_next(
            request_id=request.request_id,
            # What the handler is told of its deadline is on the sandbox's clock, as its own time is.
            deadline_ms=deadline_ms + self._ahead_ms(),
            arn=request.invoked_arn,
            trace_id=request.trace_id,
            client_context=request.client_context,
            payload=request.payload,
        )

    def freeze(self) -> None:
        self._leave_memory()
        if self._process is not None and not self.is_debugged:
            self._process.freeze()

    def thaw(self) -> None:
        if self._process is not None:
            self._process.thaw()

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()

    def restart(self) -> None:
        self.kill()
        self._generation += 1
        self._respawning = asyncio.ensure_future(self._spawn())

    async def ended(self) -> None:
        if self._process is not None:
            await self._process.ended()

    def close(self) -> None:
        self._leave_memory()
        self._api.stop()
        if self._on_closed is not None:
            self._on_closed()

    def peak_memory_mb(self) -> int:
        if self._process is not None:
            # A process that is gone says nothing any more.
            self._used_mb = max(self._used_mb, self._process.peak_memory_mb())
        return self._used_mb

    def is_runnable(self) -> bool:
        return self._process is not None and self._process.is_runnable()

    def read_lines(self) -> None:
        if self._process is not None:
            self._process.read_now()

    def _look_after_memory(self) -> None:
        """What takes more memory than its function has is found between two looks, or when it answers."""
        self._looking = asyncio.get_running_loop().call_later(MEMORY_LOOK_S, self._look)

    def _look(self) -> None:
        self._look_after_memory()
        self._hosted.on_memory(self.peak_memory_mb())

    def _leave_memory(self) -> None:
        if self._looking is not None:
            self._looking.cancel()
            self._looking = None

    async def _spawn(self) -> None:
        generation, self._used_mb = self._generation, 0

        def on_exit(exit_code: int) -> None:
            if generation == self._generation:
                self._hosted.on_exit(exit_code)

        self._process = await self._start_process(self._port, self._hosted.on_line, on_exit)
