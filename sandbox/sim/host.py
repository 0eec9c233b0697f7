"""Environments in a simulation: the deployed code in a fiber, with AWS's own runtime client around each invocation."""

import asyncio
import importlib
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from awslambdaric import bootstrap
from awslambdaric.lambda_runtime_marshaller import LambdaMarshaller, to_json

from sandbox.definitions.model import Function
from sandbox.functions import credentials, lines
from sandbox.functions.effects import Request
from sandbox.functions.host import Hosted
from sandbox.functions.outcomes import KILLED
from sandbox.functions.process import variables
from sandbox.sim.container import Container, LineStream
from sandbox.sim.errors import EscapeError
from sandbox.sim.latency import LatencyModel
from sandbox.sim.private_modules import PrivateFinder, PrivateModules, roots
from sandbox.sim.scheduler import US_PER_MS, US_PER_S, Fiber, Scheduler
from sandbox.sim.trouble import Trouble

TASK_ROOT = "/var/task"
LAYER_ROOT = "/opt"
USED_MB = 96
"""What every environment says of its memory: the simulator's own is everybody's."""
LOST_WITHIN_US = 50 * US_PER_S
HANDOVER_US = 14 * US_PER_S
"""How long two workers of a session may run at once."""


@dataclass(frozen=True, kw_only=True)
class HostSettings:
    """What the hosts of one run share."""

    scheduler: Scheduler
    loop: asyncio.AbstractEventLoop
    region: str
    latency: LatencyModel
    chance: random.Random
    finder: PrivateFinder
    overrides: Mapping[str, Path]
    """Files in the place of the functions' modules, by module name."""
    trouble: Trouble
    set_skew: Callable[[int], None]
    """Moves the time that the running code sees, by microseconds."""


class FiberHosts:
    """`host.Hosts` on fibers."""

    def __init__(self, settings: HostSettings) -> None:
        self._settings = settings
        self._made: list[FiberHost] = []
        self.containers: list[Container] = []

    async def prepare(self) -> None:
        """Nothing is needed before the code itself."""

    async def load_ahead(self) -> None:
        """Virtual time does not pass for it."""

    async def stop(self) -> None:
        """Nothing is held for all of them."""

    def clock_moved(self, ahead_ms: int) -> None:
        """Virtual time is the scheduler's alone."""

    def make(self, function: Function, hosted: Hosted) -> "FiberHost":
        host = FiberHost(self, self._settings, function, hosted)
        self._made.append(host)
        return host

    def session_ends(self, session_id: str) -> None:
        """Have the stream workers of a session end with its last words, where that fault happens."""
        late_us, scheduler = self._settings.trouble.late_us("last_words_lost"), self._settings.scheduler

        def lose() -> None:
            for host in self._made:
                host.lose_worker_of(session_id)

        if late_us:
            scheduler.call_at(scheduler.now_us + late_us, lose)

    def draw_loss_us(self, request: Request) -> int | None:
        """When an invocation that begins now loses its environment, or None."""
        trouble = self._settings.trouble
        if trouble.happens("environment_lost"):
            return trouble.draw_us("environment_lost", LOST_WITHIN_US)
        if is_stream_worker(request) and trouble.happens("handover_lost"):
            # A worker starts its successor with 20 s left of 60 and makes the cut with 8 s left.
            latest_us = HANDOVER_US if succeeds(request) else LOST_WITHIN_US + HANDOVER_US
            return latest_us - trouble.draw_us("handover_lost", HANDOVER_US)
        return None


def is_stream_worker(request: Request) -> bool:
    """Whether the invocation is one of a stream worker."""
    return b'"streamWorker"' in request.payload


def succeeds(request: Request) -> bool:
    """Whether the stream worker has a predecessor."""
    return b'"predecessorToken"' in request.payload


class FiberHost:
    """`host.Host`: one environment's code."""

    def __init__(self, hosts: FiberHosts, settings: HostSettings, function: Function, hosted: Hosted) -> None:
        self._hosts = hosts
        self._settings = settings
        self._function = function
        self._hosted = hosted
        self._container: Container | None = None
        self._fiber: Fiber | None = None
        self._request: tuple[Request, int] | None = None
        self.serial = len(hosts.containers)
        layers = [(layer.path, LAYER_ROOT) for layer in function.layers]
        self._folders = [(function.path, TASK_ROOT), *layers]
        self.log_stream = lines.log_stream(
            settings.scheduler.now_us // 1_000, f"{settings.chance.getrandbits(128):032x}"
        )

    @property
    def pid(self) -> int | None:
        return None

    @property
    def is_debugged(self) -> bool:
        return False

    async def start(self) -> None:
        settings = self._settings
        container = self._container = self._contain()
        self._hosts.containers.append(container)
        delay_us = settings.latency.draw_us(settings.latency.cold_start, settings.chance)
        if settings.trouble.happens("cold_start_slow"):
            delay_us += settings.trouble.faults.cold_start_slow_ms * US_PER_MS
        step = settings.trouble.step_us()
        if step is not None:
            settings.scheduler.call_at(settings.scheduler.now_us + step[1], lambda: container.step(step[0]))
        self._fiber = settings.scheduler.spawn(
            lambda: self._run(container), name=container.name, confines=container, delay_us=delay_us
        )

    def deliver(self, request: Request, deadline_ms: int) -> None:
        self._request = (request, deadline_ms)
        assert self._fiber is not None
        self._settings.scheduler.wake(self._fiber)
        loss_us, container = self._hosts.draw_loss_us(request), self._container
        if loss_us is not None and container is not None:
            self._settings.scheduler.call_at(
                self._settings.scheduler.now_us + loss_us, lambda: self._lose(container, request.request_id)
            )

    def lose_worker_of(self, session_id: str) -> None:
        """End in the middle of a stream worker's invocation for this session, if this serves one."""
        if self._container is None or self._request is None:
            return
        request, _ = self._request
        if is_stream_worker(request) and f'"{session_id}"'.encode() in request.payload:
            self._lose(self._container, request.request_id)

    def freeze(self) -> None:
        if self._container is not None:
            self._container.frozen = True

    def thaw(self) -> None:
        if self._container is not None:
            self._settings.scheduler.thaw(self._container)

    def kill(self) -> None:
        if self._container is not None and not self._container.gone:
            self._container.end()
            self._settings.loop.call_soon_threadsafe(self._hosted.on_exit, KILLED)

    def restart(self) -> None:
        if self._container is not None:
            self._container.end()
        starting = self._settings.loop.create_task(self.start())
        starting.add_done_callback(lambda done: done.result())

    async def ended(self) -> None:
        """A fiber ends at once."""

    def close(self) -> None:
        """Nothing outlives the code."""

    def is_runnable(self) -> bool:
        """Nobody waits for a processor in a simulated world."""
        return False

    def peak_memory_mb(self) -> int:
        return USED_MB

    def read_lines(self) -> None:
        """Each line is told as it is written."""

    # the code's side

    def _contain(self) -> Container:
        function, settings = self._function, self._settings
        environment = variables(
            function, runtime_port=0, log_stream=self.log_stream, python_path=[],
            credentials=credentials.of_role(function), region=settings.region,
        )  # fmt: skip
        return Container(
            name=f"{function.name}/{self.serial}",
            modules=PrivateModules(folders=roots(function), overrides=settings.overrides),
            finder=settings.finder,
            environment=environment,
            output=LineStream(self._say),
            on_lost=lambda: self._tell(self._hosted.on_exit, KILLED),
            set_skew=settings.set_skew,
        )

    def _say(self, line: str) -> None:
        if self._container is None or self._container.gone:
            return
        for path, shown in self._folders:
            if path in line:
                line = line.replace(path, shown)
        self._settings.loop.call_soon_threadsafe(self._hosted.on_line, line)

    def _run(self, container: Container) -> None:
        try:
            handler = self._load()
        except EscapeError:
            raise
        except Exception as error:
            body = bootstrap.make_error(str(error), type(error).__name__, [])
            self._tell(self._hosted.on_init_error, to_json(body).encode())
            return
        while True:
            request, deadline_ms = self._next()
            try:
                self._serve(handler, request, deadline_ms)
            except SystemExit as ending:
                container.end()
                code = ending.code if isinstance(ending.code, int) else int(ending.code is not None)
                self._tell(self._hosted.on_exit, code)
                return

    def _load(self) -> Any:
        module, _, name = self._function.handler.replace("/", ".").rpartition(".")
        return getattr(importlib.import_module(module), name)

    def _next(self) -> tuple[Request, int]:
        self._request = None
        self._tell(self._hosted.on_next)
        while self._request is None:
            self._settings.scheduler.park()
        return self._request

    def _serve(self, handler: Any, request: Request, deadline_ms: int) -> None:
        assert self._container is not None
        self._container.environment["_X_AMZN_TRACE_ID"] = request.trace_id
        sink = bootstrap.StandardLogSink()
        sink.__enter__()
        bootstrap.handle_event_request(
            _Answers(self), handler, request.request_id, request.payload, "application/json", request.client_context,
            None, request.invoked_arn, deadline_ms, None, sink,
        )  # fmt: skip

    def _tell(self, what: Any, *about: Any) -> None:
        self._settings.loop.call_soon_threadsafe(what, *about)

    def _lose(self, container: Container, request_id: str) -> None:
        serves = self._request is not None and self._request[0].request_id == request_id
        if serves and not container.frozen:
            container.lose()


class _Answers:
    """The runtime client's connection to the Runtime API, as its event loop uses it."""

    marshaller = LambdaMarshaller()

    def __init__(self, host: FiberHost) -> None:
        self._host = host

    def post_invocation_result(self, request_id: str, result: Any, *_: Any) -> None:
        payload = result if isinstance(result, bytes) else str(result).encode()
        self._host._tell(self._host._hosted.on_response, request_id, payload)

    def post_invocation_error(self, request_id: str, error: str, *_: Any) -> None:
        self._host._tell(self._host._hosted.on_error, request_id, error.encode())
