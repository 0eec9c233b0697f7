"""One execution environment in the live world: the pure state machine, its Runtime API and its process.

Its clock is the machine's, never moved: a function under way must not meet its timeout because somebody advanced the
sandbox's clock. What the handler is told of its deadline is on the sandbox's clock, as its own time is.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from sandbox.clock import LiveClock, Timer
from sandbox.definitions.model import Function
from sandbox.functions import environment as core
from sandbox.functions import lines
from sandbox.functions.environment import Environment, Phase, Request
from sandbox.functions.process import EnvironmentProcess
from sandbox.functions.runtime_api import RuntimeApi

StartProcess = Callable[[int, Callable[[str], None], Callable[[], None]], "asyncio.Future[EnvironmentProcess]"]


@dataclass(frozen=True, kw_only=True)
class Ending:
    """How an invocation ended, for its caller and the journal."""

    settled: core.Settle
    environment_id: str
    used_mb: int


class Worker:
    """Runs one environment. `on_log` gets every line with its request id, `on_change` is told of each new phase."""

    def __init__(
        self,
        *,
        environment_id: str,
        function: Function,
        clock: LiveClock,
        ahead_ms: Callable[[], int],
        start_process: StartProcess,
        on_log: Callable[[str, str | None], None],
        on_change: Callable[[], None],
    ) -> None:
        self.environment_id = environment_id
        self.function = function
        self._clock = clock
        self._ahead_ms = ahead_ms
        self._start_process = start_process
        self._on_log = on_log
        self._on_change = on_change
        self._core = Environment(timeout_s=function.timeout_s, memory_mb=function.memory_mb, started_ms=clock.now_ms())
        self._api = RuntimeApi(self)
        self._process: EnvironmentProcess | None = None
        self._timer: Timer | None = None
        self._settled: asyncio.Future[Ending] | None = None
        self._generation = 0
        self._respawning: asyncio.Future[None] | None = None
        self._port = 0
        self.freed_ms = clock.now_ms()
        self.reserved = False

    @property
    def phase(self) -> Phase:
        return self._core.phase

    @property
    def can_take(self) -> bool:
        """True when nobody uses it; who is about to marks it `reserved`."""
        return self._core.can_take and not self.reserved

    @property
    def can_return(self) -> bool:
        """True when it will take another request after the one it has just answered."""
        return not self._core.retired

    @property
    def request_id(self) -> str | None:
        """The request under way."""
        return self._core.request_id

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    async def start(self) -> None:
        """Start the process; the init phase begins."""
        self._port = await self._api.start()
        self._on_log(lines.init_start(), None)
        await self._spawn()
        self._arm()

    async def run(self, request: Request) -> Ending:
        """Give it a request and wait for how that ends."""
        self.reserved = False
        self._settled = asyncio.get_running_loop().create_future()
        self._carry_out(self._core.give(request, self._clock.now_ms()))
        return await self._settled

    def retire(self) -> None:
        """End when at rest, or after the request under way."""
        self._carry_out(self._core.retire())

    async def stop(self) -> None:
        """End now, whatever is under way."""
        if self._process is not None:
            self._process.kill()
            await self._process.ended()
        self._close()

    # what the runtime client does

    def on_next(self) -> None:
        was_free = self._core.phase is Phase.IDLE
        self._carry_out(self._core.polled(self._clock.now_ms()))
        if self._core.phase is Phase.IDLE and not was_free:
            self.freed_ms = self._clock.now_ms()
        self._on_change()

    def on_response(self, request_id: str, payload: bytes) -> None:
        self._post(request_id, payload, is_error=False)

    def on_error(self, request_id: str, payload: bytes) -> None:
        self._post(request_id, payload, is_error=True)

    def on_init_error(self, payload: bytes) -> None:
        self._carry_out(self._core.init_failed(payload, self._clock.now_ms(), self._used_mb()))

    def _post(self, request_id: str, payload: bytes, *, is_error: bool) -> None:
        now_ms = self._clock.now_ms()
        self._carry_out(
            self._core.responded(request_id, payload, is_error=is_error, now_ms=now_ms, used_mb=self._used_mb())
        )

    # the shell's side

    async def _spawn(self) -> None:
        self._generation += 1
        generation = self._generation

        def on_exit() -> None:
            if generation == self._generation:
                self._carry_out(self._core.exited(self._clock.now_ms(), 0))
                self._close()
                self._on_change()

        def on_line(line: str) -> None:
            self._on_log(line, self._core.request_id)

        self._process = await self._start_process(self._port, on_line, on_exit)

    def _carry_out(self, effects: list[core.Effect]) -> None:
        for effect in effects:
            match effect:
                case core.Log(line=line, request_id=request_id):
                    self._on_log(line, request_id)
                case core.Deliver(request=request, deadline_ms=deadline_ms):
                    self._api.answer_next(
                        request_id=request.request_id,
                        deadline_ms=deadline_ms + self._ahead_ms(),
                        arn=self.function.arn,
                        trace_id=request.trace_id,
                        payload=request.payload,
                    )
                case core.Thaw() if self._process is not None:
                    self._process.thaw()
                case core.Freeze() if self._process is not None:
                    self._process.freeze()
                case core.Kill() if self._process is not None:
                    self._process.kill()
                case core.Restart() if self._process is not None:
                    self._process.kill()
                    self._respawning = asyncio.ensure_future(self._spawn())
                case core.Settle() if self._settled is not None and not self._settled.done():
                    self._settled.set_result(
                        Ending(settled=effect, environment_id=self.environment_id, used_mb=self._used_mb())
                    )
        self._arm()

    def _arm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._core.next_deadline_ms is not None:
            self._timer = self._clock.call_at(self._core.next_deadline_ms, self._tick)

    def _tick(self) -> None:
        self._carry_out(self._core.tick(self._clock.now_ms(), self._used_mb()))

    def _used_mb(self) -> int:
        return self._process.peak_memory_mb() if self._process else 0

    def _close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._api.stop()
