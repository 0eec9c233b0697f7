"""One execution environment: the pure state machine and the host of its code.

Its clock is the machine's, never moved: a function under way must not meet its timeout because somebody advanced the
sandbox's clock.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from sandbox.clock import LiveClock, Timer
from sandbox.definitions.model import Function
from sandbox.functions import effects, limits, lines, posts
from sandbox.functions.effects import Request
from sandbox.functions.environment import Environment, Phase
from sandbox.functions.host import Host, Hosts
from sandbox.functions.posts import Post, PostRefusal

WARMING_MS = 500
"""A first request does in its beginning what the later ones find done: modules are loaded, clients are made."""
STARVED_MS = 5_000
"""On a busy machine that takes longer: an environment that still waits for a processor is still warming."""


@dataclass(frozen=True, kw_only=True)
class Ending:
    """How an invocation ended, for its caller and the journal; `cold`: it was its environment's first."""

    settled: effects.Settle
    environment_id: str
    used_mb: int
    cold: bool


@dataclass(frozen=True, kw_only=True, eq=False)
class Errand:
    """A request on its way to an environment, and its caller's wait for the end of it."""

    request: Request
    number: int
    """Which of its function's requests it is: the older goes first."""
    since_ms: int
    """When it came."""
    ending: "asyncio.Future[Ending]"


class Worker:
    """Runs one environment. `on_log` gets every line with its request id, `on_change` is told of each new phase."""

    def __init__(
        self,
        *,
        environment_id: str,
        function: Function,
        clock: LiveClock,
        hosts: Hosts,
        freeze_after_ms: int = 0,
        on_log: Callable[[str, str | None], None],
        on_change: Callable[[], None],
    ) -> None:
        self.environment_id = environment_id
        self.function = function
        self._clock = clock
        self._on_log = on_log
        self._on_change = on_change
        self._host: Host = hosts.make(function, self)
        patience_s = limits.DEBUGGED_TIMEOUT_S if self._host.is_debugged else None
        self._core = Environment(
            timeout_s=patience_s or function.timeout_s,
            init_timeout_ms=patience_s * 1000 if patience_s else limits.INIT_TIMEOUT_MS,
            memory_mb=function.memory_mb,
            freeze_after_ms=freeze_after_ms,
            started_ms=clock.now_ms(),
        )
        self._timer: Timer | None = None
        self._errand: Errand | None = None
        self.freed_ms = clock.now_ms()
        self._started_ms = clock.now_ms()
        self._delivered_ms: int | None = None
        self._answered = False
        self._seen_mb = 0

    @property
    def phase(self) -> Phase:
        return self._core.phase

    @property
    def is_warming(self) -> bool:
        """True while it loads its code, and until it has answered its first request: unless it takes its time and
        waits for something else than a processor."""
        phase = self._core.phase
        if self._answered or phase not in (Phase.INIT, Phase.BUSY):
            return False
        since_ms = self._started_ms if phase is Phase.INIT else self._delivered_ms
        assert since_ms is not None, "an environment is busy with what was delivered"
        over_ms = self._clock.now_ms() - since_ms - WARMING_MS
        return over_ms < 0 or (over_ms < STARVED_MS and self._host.is_runnable())

    @property
    def busy_ms(self) -> int:
        """How long the request under way has taken."""
        return self._core.busy_ms(self._clock.now_ms())

    @property
    def is_engaged(self) -> bool:
        """True when its request takes so long that it hardly is for want of a processor: it waits for something else,
        and will go on to."""
        return self.busy_ms > STARVED_MS

    @property
    def can_take(self) -> bool:
        """True when nobody uses it: it is at rest, or loads its code for nobody."""
        return self._core.can_take

    @property
    def lends(self) -> Errand | None:
        """What it was given and may hand back: it still loads its code, for the first time."""
        return self._errand if self._core.can_hand_back and not self.is_debugged else None

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
        return self._host.pid

    @property
    def is_debugged(self) -> bool:
        return self._host.is_debugged

    @property
    def log_stream(self) -> str:
        return self._host.log_stream

    async def start(self) -> None:
        """Begin to load the code; the init phase begins."""
        self._on_log(lines.init_start(), None)
        self._started_ms = self._clock.now_ms()
        self._look_again()
        await self._host.start()
        self._arm()

    def begin(self, errand: Errand) -> None:
        """Give it a request. One given while it loads its code is delivered when it has."""
        self._errand = errand
        self._carry_out(self._core.give(errand.request, self._clock.now_ms()))

    def abandon(self, error: Exception) -> bool:
        """It could not be started: tell whoever waits for it. False when nobody does."""
        errand, self._errand = self._errand, None
        if errand is None or errand.ending.done():
            return False
        errand.ending.set_exception(error)
        return True

    def hand_back(self) -> None:
        """What it `lends` is another's from here on."""
        self._core.hand_back()
        self._errand = None

    def retire(self) -> None:
        """End when at rest, or after the request under way."""
        self._carry_out(self._core.retire())

    async def stop(self) -> None:
        """End now, whatever is under way."""
        self._host.kill()
        await self._host.ended()
        self._close()

    # what the code does

    def on_line(self, line: str) -> None:
        self._on_log(line, self._core.request_id)

    def on_exit(self, exit_code: int | None) -> None:
        self._carry_out(self._core.exited(self._clock.now_ms(), self._used_mb(), exit_code))
        if self._core.phase is Phase.ENDED:
            self._close()
        self._on_change()

    def on_memory(self, used_mb: int) -> None:
        self._seen_mb = used_mb
        effects_of_it = self._core.memory_used(self._clock.now_ms(), used_mb)
        if effects_of_it:
            self._carry_out(effects_of_it)

    def on_next(self) -> None:
        was_free = self._core.phase is Phase.IDLE
        self._carry_out(self._core.polled(self._clock.now_ms()))
        if self._core.phase is Phase.IDLE and not was_free:
            self.freed_ms = self._clock.now_ms()
        self._on_change()

    def judge(self, post: Post, request_id: str | None, size: int) -> PostRefusal | None:
        return posts.refusal(
            post, phase=self._core.phase, current_id=self._core.current_id, request_id=request_id, size=size
        )

    def on_response(self, request_id: str, payload: bytes) -> None:
        self._post(request_id, payload, is_error=False)

    def on_error(self, request_id: str, payload: bytes) -> None:
        self._post(request_id, payload, is_error=True)

    def on_init_error(self, payload: bytes) -> None:
        self._host.read_lines()
        self._carry_out(self._core.init_failed(payload, self._clock.now_ms(), self._used_mb()))

    def _post(self, request_id: str, payload: bytes, *, is_error: bool) -> None:
        now_ms = self._clock.now_ms()
        self._host.read_lines()
        self._carry_out(
            self._core.responded(request_id, payload, is_error=is_error, now_ms=now_ms, used_mb=self._used_mb())
        )

    # the shell's side

    def _carry_out(self, given: list[effects.Effect]) -> None:
        for effect in given:
            match effect:
                case effects.Log(line=line, request_id=request_id):
                    self._on_log(line, request_id)
                case effects.Deliver(request=request, deadline_ms=deadline_ms):
                    if self._delivered_ms is None:
                        self._delivered_ms = self._clock.now_ms()
                        self._look_again()
                    self._host.deliver(request, deadline_ms)
                case effects.Thaw():
                    self._host.thaw()
                case effects.Freeze():
                    self._host.freeze()
                case effects.Kill():
                    self._host.kill()
                case effects.Restart():
                    self._host.restart()
                case effects.Settle():
                    self._settle(effect)
        self._arm()

    def _settle(self, effect: effects.Settle) -> None:
        errand, cold = self._errand, not self._answered
        self._errand, self._answered = None, True
        if errand is not None and not errand.ending.done():
            errand.ending.set_result(
                Ending(settled=effect, environment_id=self.environment_id, used_mb=self._seen_mb, cold=cold)
            )

    def _look_again(self) -> None:
        """Whether it still is warming may be another answer then."""
        self._clock.call_at(self._clock.now_ms() + WARMING_MS, self._on_change)

    def _arm(self) -> None:
        """See to it that a tick comes at the next deadline. One that comes sooner does nothing but this again: that is
        cheaper than a timer for each request."""
        deadline_ms = self._core.next_deadline_ms
        if deadline_ms is None or (self._timer is not None and self._timer.at_ms <= deadline_ms):
            return
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._clock.call_at(deadline_ms, self._tick)

    def _tick(self) -> None:
        self._timer = None
        due_ms, now_ms = self._core.next_deadline_ms, self._clock.now_ms()
        if due_ms is None or now_ms < due_ms:
            self._arm()
            return
        self._host.read_lines()
        self._carry_out(self._core.tick(now_ms, self._used_mb()))

    def _used_mb(self) -> int:
        self._seen_mb = self._host.peak_memory_mb()
        return self._seen_mb

    def _close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._host.close()
