"""One execution environment's life, as a pure state machine.

    INIT ── polled ──> IDLE ── given ──> BUSY ── answered ──> RETURNING ── polled ──> IDLE
      │                  │                 │                      │
      └──── process ended, init error, deadline passed, retired ──┴──────────────> ENDED

Inputs come with `now_ms`; each returns the effects that the shell carries out in order. An environment serves one
request
at a time, is frozen while IDLE, survives an exception of the handler, and does not survive a timeout or an exit
(L-08…L-12).
"""

from dataclasses import dataclass, field
from enum import Enum, auto

from sandbox.functions import limits, lines, outcomes
from sandbox.functions.invocation import Outcome


class Phase(Enum):
    """Where an environment is in its life."""

    INIT = auto()
    IDLE = auto()
    BUSY = auto()
    RETURNING = auto()
    ENDED = auto()


@dataclass(frozen=True, kw_only=True)
class Request:
    """One invocation as the runtime will receive it."""

    request_id: str
    payload: bytes
    trace_id: str
    client_context: str | None = None


@dataclass(frozen=True, kw_only=True)
class Deliver:
    """Answer the runtime's poll with this request; its deadline is epoch milliseconds."""

    request: Request
    deadline_ms: int


@dataclass(frozen=True, kw_only=True)
class Freeze:
    """Stop the process where it is."""


@dataclass(frozen=True, kw_only=True)
class Thaw:
    """Let the process go on."""


@dataclass(frozen=True, kw_only=True)
class Restart:
    """End the process and start another: the init phase is tried again (L-12)."""


@dataclass(frozen=True, kw_only=True)
class Kill:
    """End the process."""


@dataclass(frozen=True, kw_only=True)
class Log:
    """Lambda writes this line to the function's log."""

    line: str
    request_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class Settle:
    """The invocation is over."""

    outcome: Outcome
    status: str
    duration_ms: int
    init_ms: int | None


Effect = Deliver | Freeze | Thaw | Restart | Kill | Log | Settle


@dataclass(kw_only=True)
class Environment:
    """The state of one environment of a function with these limits."""

    timeout_s: int
    memory_mb: int
    started_ms: int
    phase: Phase = Phase.INIT
    deadline_ms: int | None = field(init=False)
    _request: Request | None = None
    _began_ms: int = 0
    _init_ms: int | None = None
    _init_failed_once: bool = False
    retired: bool = False

    def __post_init__(self) -> None:
        self.deadline_ms = self.started_ms + limits.INIT_TIMEOUT_MS

    @property
    def next_deadline_ms(self) -> int | None:
        """When `tick` is due next."""
        return self.deadline_ms

    @property
    def can_take(self) -> bool:
        """True when a request may be given: at rest, or still starting with none waiting."""
        return self._request is None and not self.retired and self.phase in (Phase.INIT, Phase.IDLE)

    @property
    def request_id(self) -> str | None:
        """The request under way, whose lines the process is writing."""
        return self._request.request_id if self._request else None

    def give(self, request: Request, now_ms: int) -> list[Effect]:
        """Hand over a request; one given during init is delivered when the runtime polls."""
        if not self.can_take:
            raise ValueError(f"expected an environment that can take a request, it is {self.phase.name}")
        self._request = request
        return [Thaw(), *self._deliver(now_ms)] if self.phase is Phase.IDLE else []

    def polled(self, now_ms: int) -> list[Effect]:
        """The runtime asks for the next request: it has initialised, or it is done with the last one."""
        if self.phase is Phase.INIT:
            self._init_ms = now_ms - self.started_ms
        elif self.phase is not Phase.RETURNING:
            return []
        self.phase, self.deadline_ms = Phase.IDLE, None
        if self._request is not None:
            return self._deliver(now_ms)
        if self.retired:
            self.phase = Phase.ENDED
            return [Kill()]
        return [Freeze()]

    def responded(self, request_id: str, payload: bytes, *, is_error: bool, now_ms: int, used_mb: int) -> list[Effect]:
        """The runtime posts a result or an error for the request under way."""
        if self.phase is not Phase.BUSY or self._request is None or self._request.request_id != request_id:
            return []
        make = outcomes.failed if is_error else outcomes.returned
        outcome = make(request_id, payload)
        status = "error" if outcome.function_error else "ok"
        effects = self._settle(outcome, status, now_ms, used_mb, reported=None)
        self.phase, self.deadline_ms = Phase.RETURNING, None
        return effects

    def init_failed(self, payload: bytes, now_ms: int, used_mb: int) -> list[Effect]:
        """The runtime could not load the handler; a waiting request gets that error (L-20)."""
        if self.phase is not Phase.INIT:
            return []
        effects: list[Effect] = [Log(line=lines.init_report(now_ms - self.started_ms, "error"))]
        if self._request is not None:
            self._begin(now_ms)
            outcome = outcomes.failed(self._request.request_id, payload)
            effects += self._settle(outcome, "error", now_ms, used_mb, reported="error")
        return [*effects, *self._end()]

    def exited(self, now_ms: int, used_mb: int) -> list[Effect]:
        """The process is gone by itself."""
        if self.phase is Phase.ENDED:
            return []
        effects: list[Effect] = []
        if self._request is not None:
            self._begin(now_ms)
            outcome = outcomes.exited(self._request.request_id)
            effects += self._settle(outcome, "crash", now_ms, used_mb, reported="error")
        self.phase, self.deadline_ms = Phase.ENDED, None
        return effects

    def tick(self, now_ms: int, used_mb: int) -> list[Effect]:
        """A deadline may have passed: the init phase is tried once more, a function is ended at its timeout."""
        if self.deadline_ms is None or now_ms < self.deadline_ms:
            return []
        if self.phase is Phase.INIT and not self._init_failed_once:
            self._init_failed_once = True
            waited_ms, self.started_ms = now_ms - self.started_ms, now_ms
            self.deadline_ms = now_ms + self.timeout_s * 1000
            return [Log(line=lines.init_report(waited_ms, "timeout")), Restart()]
        effects: list[Effect] = []
        if self._request is not None:
            if self.phase is Phase.INIT:
                self._began_ms = self.started_ms
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
        self._begin(now_ms)
        self.deadline_ms = now_ms + self.timeout_s * 1000
        request_id = self._request.request_id
        return [
            Log(line=lines.start(request_id), request_id=request_id),
            Deliver(request=self._request, deadline_ms=self.deadline_ms),
        ]

    def _begin(self, now_ms: int) -> None:
        if self.phase is not Phase.BUSY:
            self._began_ms = now_ms
            self.phase = Phase.BUSY

    def _settle(
        self, outcome: Outcome, status: str, now_ms: int, used_mb: int, *, reported: str | None
    ) -> list[Effect]:
        duration_ms, init_ms = now_ms - self._began_ms, self._init_ms
        self._request, self._init_ms = None, None
        report = lines.report(
            outcome.request_id, duration_ms=duration_ms, memory_mb=self.memory_mb, used_mb=used_mb, init_ms=init_ms,
            status=reported,
        )  # fmt: skip
        return [
            Log(line=lines.end(outcome.request_id), request_id=outcome.request_id),
            Log(line=report, request_id=outcome.request_id),
            Settle(outcome=outcome, status=status, duration_ms=duration_ms, init_ms=init_ms),
        ]

    def _end(self) -> list[Effect]:
        self.phase, self.deadline_ms = Phase.ENDED, None
        return [Kill()]
