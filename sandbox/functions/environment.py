"""One execution environment's life, as a pure state machine.

    INIT ── polled ──> IDLE ── given ──> BUSY ── answered ──> RETURNING ── polled ──> IDLE
      │                  │                 │                      │
      └──── process ended, init error, deadline passed, retired ──┴──────────────> ENDED

Inputs come with `now_ms`; each returns the effects that the shell carries out in order. An environment serves one
request at a time, is frozen while IDLE (`freeze_after_ms` after it was done), survives an exception of the handler, and
does not survive a timeout or an exit (L-08…L-12). An init that fails is tried once more as part of the invocation that
waits for it, within its timeout.
"""

from dataclasses import dataclass, field
from enum import Enum, auto

from sandbox.functions import limits, lines, outcomes
from sandbox.functions.effects import Deliver, Effect, Freeze, Kill, Log, Request, Restart, Settle, Thaw
from sandbox.functions.invocation import Outcome


class Phase(Enum):
    """Where an environment is in its life."""

    INIT = auto()
    IDLE = auto()
    BUSY = auto()
    RETURNING = auto()
    ENDED = auto()


@dataclass(kw_only=True)
class Environment:
    """The state of one environment of a function with these limits."""

    timeout_s: int
    memory_mb: int
    started_ms: int
    init_timeout_ms: int = limits.INIT_TIMEOUT_MS
    freeze_after_ms: int = 0
    phase: Phase = Phase.INIT
    deadline_ms: int | None = field(init=False)
    current_id: str | None = None
    """The request that was last delivered, until the runtime asks for the next."""
    _request: Request | None = None
    _began_ms: int = 0
    _init_ms: int | None = None
    _init_phase: str = "init"
    retired: bool = False
    is_frozen: bool = False

    def __post_init__(self) -> None:
        self.deadline_ms = self.started_ms + self.init_timeout_ms

    @property
    def next_deadline_ms(self) -> int | None:
        """When `tick` is due next."""
        return self.deadline_ms

    @property
    def can_take(self) -> bool:
        """True when a request may be given: at rest, or still starting with none waiting."""
        return self._request is None and not self.retired and self.phase in (Phase.INIT, Phase.IDLE)

    @property
    def can_hand_back(self) -> bool:
        """True while a request waits for the first init: a second is part of the invocation (L-12)."""
        return self._request is not None and self.phase is Phase.INIT and self._init_phase == "init"

    def busy_ms(self, now_ms: int) -> int:
        """How long the request under way has taken; 0 where there is none."""
        return now_ms - self._began_ms if self.phase is Phase.BUSY else 0

    @property
    def request_id(self) -> str | None:
        """The request under way, whose lines the process is writing."""
        return self._request.request_id if self._request else None

    def give(self, request: Request, now_ms: int) -> list[Effect]:
        """Hand over a request; one given during init is delivered when the runtime polls."""
        if not self.can_take:
            raise ValueError(f"expected an environment that can take a request, it is {self.phase.name}")
        self._request = request
        if self.phase is not Phase.IDLE:
            return []
        thaw: list[Effect] = [Thaw()] if self.is_frozen else []
        self.is_frozen = False
        return [*thaw, *self._deliver(now_ms)]

    def hand_back(self) -> None:
        """Forget the request that waits: another environment takes it, and this one initialises for whoever comes."""
        if not self.can_hand_back:
            raise ValueError(f"expected a request that waits for the first init, the environment is {self.phase.name}")
        self._request = None

    def polled(self, now_ms: int) -> list[Effect]:
        """The runtime asks for the next request: it has initialised, or it is done with the last one."""
        if self.phase is Phase.INIT:
            self._init_ms = now_ms - self.started_ms
        elif self.phase is not Phase.RETURNING:
            return []
        self.phase, self.deadline_ms, self.current_id = Phase.IDLE, None, None
        if self._request is not None:
            return self._deliver(now_ms)
        if self.retired:
            self.phase = Phase.ENDED
            return [Kill()]
        self.deadline_ms = now_ms + self.freeze_after_ms
        return self.tick(now_ms, 0)

    def responded(self, request_id: str, payload: bytes, *, is_error: bool, now_ms: int, used_mb: int) -> list[Effect]:
        """The runtime posts a result or an error for the request under way."""
        if self.phase is not Phase.BUSY or self._request is None or self._request.request_id != request_id:
            return []
        if used_mb > self.memory_mb:
            return self.memory_used(now_ms, used_mb)
        make = outcomes.failed if is_error else outcomes.returned
        outcome = make(request_id, payload)
        status = "error" if outcome.function_error else "ok"
        effects = self._settle(outcome, status, now_ms, used_mb, reported=None)
        self.phase, self.deadline_ms = Phase.RETURNING, None
        return effects

    def init_failed(self, payload: bytes, now_ms: int, used_mb: int) -> list[Effect]:
        """The runtime could not load the handler; failing twice, the waiting request gets that error (L-20)."""
        if self.phase is not Phase.INIT:
            return []
        error_type = outcomes.error_type(payload)
        again, effects = self._init_over(now_ms, "error", error_type)
        if again:
            return effects
        if self._request is not None:
            outcome = outcomes.failed(self._request.request_id, payload)
            effects += self._settle(outcome, "error", now_ms, used_mb, reported="error", error_type=error_type)
        return [*effects, *self._end()]

    def exited(self, now_ms: int, used_mb: int, exit_code: int | None) -> list[Effect]:
        """The process is gone by itself; `exit_code` is below zero for the signal that ended it, None if unknown."""
        if self.phase is Phase.ENDED:
            return []
        again, effects = self._init_over(now_ms, "error", outcomes.EXIT_ERROR)
        if again:
            return effects
        if self._request is not None:
            effects += self._crash(now_ms, used_mb, exit_code, outcomes.EXIT_ERROR)
        self.phase, self.deadline_ms = Phase.ENDED, None
        return effects

    def memory_used(self, now_ms: int, used_mb: int) -> list[Effect]:
        """The process has used this much at its most: past the function's memory it is killed where it is."""
        if used_mb <= self.memory_mb or self.phase not in (Phase.INIT, Phase.BUSY):
            return []
        again, effects = self._init_over(now_ms, "error", outcomes.OUT_OF_MEMORY)
        if again:
            return effects
        if self._request is not None:
            # What was asked for and not given is not counted.
            effects += self._crash(now_ms, self.memory_mb, outcomes.KILLED, outcomes.OUT_OF_MEMORY)
        return [*effects, *self._end()]

    def tick(self, now_ms: int, used_mb: int) -> list[Effect]:
        """A deadline may have passed: the init phase is tried once more, a function is ended at its timeout, one at
        rest is frozen."""
        if self.deadline_ms is None or now_ms < self.deadline_ms:
            return []
        if self.phase is Phase.IDLE:
            self.deadline_ms, self.is_frozen = None, True
            return [Freeze()]
        again, effects = self._init_over(now_ms, "timeout")
        if again:
            return effects
        if self._request is not None:
            request_id = self._request.request_id
            effects.append(Log(line=lines.timed_out(request_id, self.timeout_s, now_ms), request_id=request_id))
            outcome = outcomes.timed_out(request_id, self.timeout_s)
            effects += self._settle(outcome, "timeout", now_ms, used_mb, reported="timeout")
        return [*effects, *self._end()]

    def retire(self) -> list[Effect]:
        """Take no more requests: end now when at rest, else after the one under way."""
        self.retired = True
        if self.phase is Phase.IDLE or (self.phase is Phase.INIT and self._request is None):
            return self._end()
        return []

    def _deliver(self, now_ms: int) -> list[Effect]:
        assert self._request is not None
        self.current_id = self._request.request_id
        if self._init_phase == "invoke" and self._init_ms is not None:
            # The init within the invocation is part of its duration, and its timeout counts from there.
            self._began_ms, self._init_ms = now_ms - self._init_ms, None
        else:
            self._began_ms = now_ms
        self.phase, self.deadline_ms = Phase.BUSY, self._began_ms + self.timeout_s * 1000
        return [*self._start(), Deliver(request=self._request, deadline_ms=self.deadline_ms)]

    def _start(self) -> list[Effect]:
        assert self._request is not None
        return [Log(line=lines.start(self._request.request_id), request_id=self._request.request_id)]

    def _init_over(self, now_ms: int, status: str, error_type: str | None = None) -> tuple[bool, list[Effect]]:
        """What is to be done first when an init does not end well, and whether it is tried again."""
        if self.phase is not Phase.INIT:
            return False, []
        report = Log(line=lines.init_report(now_ms - self.started_ms, self._init_phase, status, error_type))
        if self._request is None:
            return False, [report]
        if self._init_phase == "invoke":
            self._began_ms = self.started_ms
            return False, [report, *self._start()]
        self._init_phase, self.started_ms = "invoke", now_ms
        self.deadline_ms = now_ms + self.timeout_s * 1000
        return True, [report, Restart()]

    def _crash(self, now_ms: int, used_mb: int, exit_code: int | None, error_type: str) -> list[Effect]:
        assert self._request is not None
        request_id = self._request.request_id
        said = f"{outcomes.exit_message(request_id, exit_code)}\n{outcomes.EXIT_ERROR}"
        outcome = outcomes.exited(request_id, exit_code)
        settled = self._settle(outcome, "crash", now_ms, used_mb, reported="error", error_type=error_type)
        return [Log(line=said, request_id=request_id), *settled]

    def _settle(
        self,
        outcome: Outcome,
        status: str,
        now_ms: int,
        used_mb: int,
        *,
        reported: str | None,
        error_type: str | None = None,
    ) -> list[Effect]:
        duration_ms, init_ms = now_ms - self._began_ms, self._init_ms
        self._request, self._init_ms = None, None
        report = lines.report(
            outcome.request_id, duration_ms=duration_ms, memory_mb=self.memory_mb, used_mb=used_mb, init_ms=init_ms,
            status=reported, error_type=error_type,
        )  # fmt: skip
        return [
            Log(line=lines.end(outcome.request_id), request_id=outcome.request_id),
            Log(line=report, request_id=outcome.request_id),
            Settle(outcome=outcome, status=status, duration_ms=duration_ms, init_ms=init_ms),
        ]

    def _end(self) -> list[Effect]:
        self.phase, self.deadline_ms = Phase.ENDED, None
        return [Kill()]
