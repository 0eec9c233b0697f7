"""Lambda's queue of asynchronous events: each is tried until it succeeds or is given up, and its end is told (L-25)."""

import asyncio
from collections.abc import Awaitable, Callable

from sandbox.clock import LiveClock
from sandbox.definitions.model import Function
from sandbox.functions import async_events, destinations
from sandbox.functions.destinations import Event, Notice
from sandbox.functions.invocation import Invocation, Outcome
from sandbox.journal import Journal

Attempt = Callable[[str, Invocation, str], Awaitable[Outcome]]
"""Run the function of this name once, under this request id."""
Deliver = Callable[[Function, Notice], Awaitable[str | None]]
"""Tell it, as the function's role; None, or why it was not taken."""


class EventQueue:
    """On the sandbox's clock. `function` is the current configuration by name, None when it is deployed no more."""

    def __init__(
        self,
        *,
        clock: LiveClock,
        journal: Journal,
        attempt: Attempt,
        function: Callable[[str], Function | None],
        deliver: Deliver | None,
        late_ms: Callable[[], int],
    ) -> None:
        self._clock = clock
        self._journal = journal
        self._attempt = attempt
        self._function = function
        self._deliver = deliver
        self._late_ms = late_ms
        self._tasks: set[asyncio.Task[None]] = set()

    def put(self, function: Function, invocation: Invocation, request_id: str) -> None:
        """Begin with an accepted event, at once."""
        self._keep(asyncio.create_task(self._run(function.name, invocation, request_id)))

    def give_up(
        self, function: Function, invocation: Invocation, request_id: str, condition: str, outcome: Outcome
    ) -> None:
        """An accepted event is not tried at all."""
        event = self._event(invocation, request_id, condition, 0, outcome)
        self._keep(asyncio.create_task(self._over(function, event)))

    def cancel(self) -> None:
        """Try nothing more."""
        for task in list(self._tasks):
            task.cancel()

    async def ended(self) -> None:
        """Return when nothing is under way."""
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _keep(self, task: "asyncio.Task[None]") -> None:
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _run(self, name: str, invocation: Invocation, request_id: str) -> None:
        accepted_ms = self._clock.now_ms()
        late_ms = self._late_ms()
        if late_ms:
            await self._clock.sleep_until(accepted_ms + late_ms)
        failures = throttles = 0
        while True:
            outcome = await self._attempt(name, invocation, request_id)
            failures += outcome.function_error is not None
            throttles += outcome.status == 429
            function = self._function(name)
            if function is None:
                return
            decision = async_events.after_attempt(
                function, outcome, failures=failures, throttles=throttles, accepted_ms=accepted_ms,
                now_ms=self._clock.now_ms(),
            )  # fmt: skip
            match decision:
                case async_events.Retry(at_ms=at_ms):
                    await self._clock.sleep_until(at_ms)
                    continue
                case async_events.Drop(condition=condition):
                    event = self._event(invocation, request_id, condition, failures, outcome)
                case _:
                    event = self._event(invocation, request_id, destinations.SUCCESS, failures + 1, outcome)
            await self._over(function, event)
            return

    def _event(self, invocation: Invocation, request_id: str, condition: str, attempts: int, outcome: Outcome) -> Event:
        return Event(
            request_id=request_id, payload=invocation.payload, condition=condition, attempts=attempts, outcome=outcome,
            ended_ms=self._clock.now_ms(),
        )  # fmt: skip

    async def _over(self, function: Function, event: Event) -> None:
        if event.condition != destinations.SUCCESS:
            about = {"function": function.name, "requestId": event.request_id, "condition": event.condition}
            self._journal.write("lambda.event_dropped", about)
        if self._deliver is None:
            return
        for notice in destinations.notices(function, event):
            refusal = await self._deliver(function, notice)
            told = {
                "function": function.name, "requestId": event.request_id, "setting": notice.setting, "arn": notice.arn,
            }  # fmt: skip
            if refusal is None:
                self._journal.write("lambda.event_told", told)
            else:
                self._journal.write("lambda.event_not_told", {**told, "reason": refusal})
