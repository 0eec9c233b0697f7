"""Fires the deployed rules at their targets: a function is invoked asynchronously with the scheduled event."""

import asyncio
import json
import uuid
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Protocol

from sandbox.clock import LiveClock, Timer
from sandbox.definitions.model import Definitions, Rule, RuleTarget
from sandbox.deliveries import undelivered
from sandbox.deliveries.requests import Attributes
from sandbox.deliveries.undelivered import Undelivered
from sandbox.functions.invocation import Invocation, Outcome
from sandbox.journal import Journal
from sandbox.permissions.evaluation import Need
from sandbox.permissions.function_policy import INVOKE
from sandbox.permissions.refusals import Refusal
from sandbox.schedules import retries, target_input
from sandbox.schedules.expression import ScheduleError, next_run_ms


def scheduled_event(rule: Rule, *, account_id: str, region: str, at_ms: int, event_id: str) -> bytes:
    """E-04: the event that a target without an input of its own receives."""
    moment = datetime.fromtimestamp(at_ms // 1000, tz=UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    event = {
        "version": "0", "id": event_id, "detail-type": "Scheduled Event", "source": "aws.events", "account": account_id,
        "time": moment, "region": region, "resources": [rule.arn], "detail": {},
    }  # fmt: skip
    return json.dumps(event, separators=(",", ":")).encode()


SOURCE = "events.amazonaws.com"


class Deliver(Protocol):
    """Sends a message to a queue or a topic: None, or why it was not taken."""

    async def __call__(
        self, arn: str, body: str, attributes: Attributes, *, source: str, source_arn: str
    ) -> Undelivered | None: ...


class Admit(Protocol):
    """Whether a target's own policy lets a service in for a rule: None, or the refusal."""

    def __call__(self, service: str, need: Need, *, source_arn: str) -> Refusal | None: ...


class Schedules:
    """One timer a rule; a changed or removed rule loses its timer at once."""

    def __init__(
        self,
        *,
        clock: LiveClock,
        journal: Journal,
        invoke: Callable[[Invocation], Awaitable[Outcome]],
        admit: Admit,
        deliver: Deliver,
    ) -> None:
        self._clock = clock
        self._journal = journal
        self._invoke = invoke
        self._admit = admit
        self._deliver = deliver
        self._armed: dict[str, tuple[Rule, Timer]] = {}
        self._account_id = self._region = ""
        self._running: set[asyncio.Task[None]] = set()

    def apply(self, definitions: Definitions) -> None:
        """Follow the deployed rules."""
        self._account_id, self._region = definitions.account_id, definitions.region
        wanted = {name: rule for name, rule in definitions.rules.items() if rule.enabled}
        for name in [name for name, (rule, _) in self._armed.items() if wanted.get(name) != rule]:
            self._armed.pop(name)[1].cancel()
        for name, rule in wanted.items():
            if name not in self._armed:
                self._arm(rule)

    def stop(self) -> None:
        """Fire nothing more."""
        for _, timer in self._armed.values():
            timer.cancel()
        self._armed.clear()
        for task in self._running:
            task.cancel()

    def _arm(self, rule: Rule) -> None:
        try:
            at_ms = next_run_ms(rule.schedule_expression, rule.created_ms, self._clock.now_ms())
        except ScheduleError as error:
            self._journal.write("schedule.unsupported", {"rule": rule.name, "expression": error.expression})
            return
        if at_ms is None:
            # A cron expression whose last time is over.
            self._armed.pop(rule.name, None)
            return
        self._armed[rule.name] = (rule, self._clock.call_at(at_ms, lambda: self._fire(rule, at_ms)))

    def _fire(self, rule: Rule, at_ms: int) -> None:
        self._journal.write("schedule.fired", {"rule": rule.name, "targets": len(rule.targets)})
        event = scheduled_event(
            rule, account_id=self._account_id, region=self._region, at_ms=at_ms, event_id=str(uuid.uuid4())
        )
        for target in rule.targets:
            payload = target_input.given(target, event, rule=rule)
            task = asyncio.ensure_future(self._send(rule, target, payload))
            self._running.add(task)
            task.add_done_callback(self._running.discard)
        self._arm(rule)

    async def _send(self, rule: Rule, target: RuleTarget, payload: str) -> None:
        """E-06: what a target cannot take now is sent again; what it never takes, its queue for dead letters has."""
        began_ms, tries = self._clock.now_ms(), 0
        exhausted: str | None = None
        while True:
            failure = await self._tried(rule, target, payload)
            if failure is None:
                return
            if not failure.is_retriable:
                break
            at_ms, exhausted = retries.after_failure(
                target, retries=tries, began_ms=began_ms, now_ms=self._clock.now_ms()
            )
            await self._clock.sleep_until(at_ms)
            if exhausted is not None:
                break
            tries += 1
        about = {"rule": rule.name, "target": target.arn, "code": failure.code, "reason": failure.reason}
        self._journal.write("schedule.failed", {**about, "retries": tries})
        if target.dead_letter_arn is not None:
            attributes = {
                "RULE_ARN": rule.arn, "TARGET_ARN": target.arn, "ERROR_CODE": failure.code,
                "ERROR_MESSAGE": failure.reason, "RETRY_ATTEMPTS": str(tries),
            }  # fmt: skip
            if exhausted is not None:
                attributes["EXHAUSTED_RETRY_CONDITION"] = exhausted
            stringed = {name: ("String", value) for name, value in attributes.items()}
            await self._deliver(target.dead_letter_arn, payload, stringed, source=SOURCE, source_arn=rule.arn)

    async def _tried(self, rule: Rule, target: RuleTarget, payload: str) -> Undelivered | None:
        if target.arn.split(":")[2] != "lambda":
            return await self._deliver(target.arn, payload, {}, source=SOURCE, source_arn=rule.arn)
        denied = self._admit(SOURCE, Need(action=INVOKE, resource=target.arn), source_arn=rule.arn)
        if denied is not None:
            return Undelivered(code="NO_PERMISSIONS", reason=denied.text)
        outcome = await self._invoke(
            Invocation(function=target.arn, payload=payload.encode(), invocation_type="Event", source=SOURCE)
        )
        return undelivered.of_outcome(outcome)
