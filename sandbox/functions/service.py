"""Lambda's data plane: which environment takes an invocation, and what its caller is told."""

import asyncio
import itertools
import json
import uuid
from collections.abc import Callable
from typing import Any

from sandbox.clock import LiveClock
from sandbox.definitions.model import Definitions, Function
from sandbox.functions import limits, lineage, outcomes
from sandbox.functions.concurrency import Concurrency
from sandbox.functions.effects import Request
from sandbox.functions.environment import Phase
from sandbox.functions.event_queue import Deliver, EventQueue
from sandbox.functions.host import Hosts
from sandbox.functions.invocation import Invocation, Outcome
from sandbox.functions.log_book import LogBook
from sandbox.functions.pool import Pool
from sandbox.functions.process_host import ProcessHosts
from sandbox.functions.settings import FunctionSettings
from sandbox.functions.worker import Worker
from sandbox.journal import Journal

LATEST = "$LATEST"


class FunctionService:
    """Runs invocations. `on_accepted(function, invocation, request_id)` is told of each one taken.

    `event_late_ms` draws how long Lambda keeps an asynchronous event before it is tried first. `machine` is the clock
    that nobody moves, by which environments are timed.
    """

    def __init__(
        self,
        *,
        clock: LiveClock,
        journal: Journal,
        settings: FunctionSettings,
        on_accepted: Callable[[Function, Invocation, str], None] | None = None,
        deliver: Deliver | None = None,
        event_late_ms: Callable[[], int] = lambda: 0,
        hosts: Hosts | None = None,
        machine: LiveClock | None = None,
    ) -> None:
        self._clock = clock
        self._machine = machine or LiveClock()
        self._journal = journal
        self._settings = settings
        self._on_accepted = on_accepted
        self._pools: dict[str, Pool] = {}
        self._ids = itertools.count(1)
        self.log_book = LogBook(clock=clock, journal=journal)
        self._events = EventQueue(
            clock=clock,
            journal=journal,
            attempt=self._attempt,
            function=self.function,
            deliver=deliver,
            late_ms=event_late_ms,
        )
        self._concurrency = Concurrency()
        self._hosts: Hosts = hosts or ProcessHosts(settings)
        self._retired: list[Worker] = []

    async def start(self) -> None:
        """Make ready what functions run on. Raises TwinFailedError."""
        await self._hosts.prepare()

    async def load_ahead(self) -> None:
        """Have loaded what nearly every environment needs, before the first is wanted; after `start`."""
        await self._hosts.load_ahead()

    def clock_moved(self) -> None:
        """Let handlers meet the sandbox's clock as it is now, each from its next invocation on."""
        self._hosts.clock_moved(self._clock.offset_ms)

    async def stop(self) -> None:
        """End every environment; nothing of them stays."""
        self._events.cancel()
        for pool in self._pools.values():
            pool.close()
        workers = [worker for pool in self._pools.values() for worker in pool.workers] + self._retired
        await asyncio.gather(*(worker.stop() for worker in workers))
        await self._events.ended()
        await self._hosts.stop()

    def apply(self, definitions: Definitions) -> None:
        """Follow the deployed functions; environments of an older configuration take no more requests."""
        self._concurrency.apply(definitions.functions.values())
        for name in list(self._pools):
            pool = self._pools[name]
            if definitions.functions.get(name) != pool.function:
                self._retired = [worker for worker in self._retired if worker.phase is not Phase.ENDED]
                self._retired += pool.retire()
                if name not in definitions.functions:
                    del self._pools[name]
        for name, function in definitions.functions.items():
            current = self._pools.get(name)
            if current is None or current.function != function:
                self._pools[name] = Pool(
                    function=function,
                    limits=self._settings.limits,
                    make=self._make_worker,
                    now_ms=self._machine.now_ms,
                )
                if current is not None:
                    self._pools[name].adopt(current)
                    self._pools[name].fill()

    def function(self, name_or_arn: str) -> Function | None:
        """A function by name, partial ARN or ARN (with or without `:$LATEST`)."""
        name, qualifier = named(name_or_arn)
        pool = self._pools.get(name) if qualifier in (None, LATEST) else None
        return pool.function if pool else None

    async def invoke(self, invocation: Invocation) -> Outcome:
        """Run it, or put it in the asynchronous queue; refusals are outcomes too."""
        function = self.function(invocation.function)
        if function is None:
            return outcomes.not_found(self._arn(invocation.function))
        refusal = self._refusal(function, invocation)
        if refusal is not None:
            return refusal
        request_id = str(uuid.uuid4())
        if invocation.invocation_type == "DryRun":
            return Outcome(status=204, request_id=request_id)
        self._journal.write(
            "lambda.invoke",
            {
                "function": function.name,
                "requestId": request_id,
                "type": invocation.invocation_type,
                "source": invocation.source,
                "bytes": len(invocation.payload),
            },
        )
        if self._on_accepted is not None:
            self._on_accepted(function, invocation, request_id)
        if invocation.invocation_type == "Event":
            self.deliver_again(function, invocation, request_id)
            return outcomes.accepted(request_id)
        return await self._attempt(function.name, invocation, request_id)

    def deliver_again(self, function: Function, invocation: Invocation, request_id: str) -> None:
        """Run an accepted asynchronous event, which Lambda may deliver more than once under its one request id."""
        self._events.put(function, invocation, request_id)

    def environments(self) -> list[dict[str, Any]]:
        """Every environment: function, phase, process id, and the request it serves."""
        return [
            {
                "function": name,
                "id": worker.environment_id,
                "phase": worker.phase.name.lower(),
                "pid": worker.pid,
                "requestId": worker.request_id,
            }
            for name, pool in self._pools.items()
            for worker in pool.workers
        ]

    # one invocation

    def _refusal(self, function: Function, invocation: Invocation) -> Outcome | None:
        if self._clock.now_ms() < function.active_ms:
            return outcomes.pending()
        limit = limits.ASYNC_PAYLOAD_BYTES if invocation.invocation_type == "Event" else limits.SYNC_PAYLOAD_BYTES
        if len(invocation.payload) > limit:
            return outcomes.too_large(limit)
        try:
            _read_json((invocation.payload or b"{}").decode())
        except ValueError:
            return outcomes.not_json(invocation.payload)
        if lineage.stops(invocation.trace_id, function.recursive_loop):
            self._journal.write("lambda.recursion_stopped", {"function": function.name})
            if invocation.invocation_type == "Event":
                # Lambda accepts the event and gives it up.
                accepted = outcomes.accepted(str(uuid.uuid4()))
                self._events.give_up(
                    function, invocation, accepted.request_id, "RecursiveInvocation", outcomes.recursion_stopped()
                )
                return accepted
            return outcomes.recursion_stopped()
        return None

    async def _attempt(self, name: str, invocation: Invocation, request_id: str) -> Outcome:
        pool = self._pools.get(name)
        if pool is None:
            return outcomes.not_found(self._arn(name))
        refusal = self._concurrency.begin(
            name, self._machine.now_ms(), synchronous=invocation.invocation_type == "RequestResponse"
        )
        if refusal is not None:
            self._journal.write("lambda.throttled", {"function": name, "reason": refusal})
            return outcomes.throttled(refusal)
        try:
            request = Request(
                request_id=request_id,
                payload=invocation.payload or b"{}",
                trace_id=lineage.continued(invocation.trace_id, request_id),
                invoked_arn=pool.function.arn + (f":{LATEST}" if named(invocation.function)[1] else ""),
                client_context=invocation.client_context,
            )
            ending = await pool.run(request)
        finally:
            self._concurrency.end(name)
        settled = ending.settled
        about: dict[str, Any] = {
            "function": name,
            "requestId": request_id,
            "environmentId": ending.environment_id,
            "cold": ending.cold,
            "durationMs": settled.duration_ms,
            "status": settled.status,
            "maxMemoryMb": ending.used_mb,
        }
        if settled.init_ms is not None:
            about["initMs"] = settled.init_ms
        self._journal.write("lambda.end", about)
        return settled.outcome

    # environments

    def _make_worker(self, pool: Pool) -> Worker:
        function, environment_id = pool.function, f"{pool.function.name}/{next(self._ids)}"

        def on_log(line: str, request_id: str | None) -> None:
            if self._settings.may_log(function):
                self.log_book.write(function.name, worker.log_stream, line, request_id)

        worker = Worker(
            environment_id=environment_id,
            function=function,
            clock=self._machine,
            hosts=self._hosts,
            freeze_after_ms=self._settings.freeze_after_ms,
            on_log=on_log,
            on_change=pool.fill,
        )
        return worker

    def _arn(self, name: str) -> str:
        if name.startswith("arn:"):
            return name
        return f"arn:aws:lambda:{self._settings.region}:{self._settings.account_id}:function:{name}"


def named(name_or_arn: str) -> tuple[str, str | None]:
    """A function's name and the qualifier after it, from `name`, `name:qualifier`, a partial ARN or an ARN."""
    parts = name_or_arn.split(":")
    rest = parts[parts.index("function") + 1 :] if "function" in parts else parts
    return rest[0], rest[1] if len(rest) > 1 else None


def _refuse_constant(name: str) -> None:
    """NaN and Infinity are Python's and not JSON."""
    raise ValueError(name)


_read_json = json.JSONDecoder(parse_constant=_refuse_constant).decode
