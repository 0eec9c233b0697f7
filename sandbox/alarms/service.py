"""Evaluates the deployed alarms on the sandbox's clock, and tells their topics of each change."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from typing import Any

from sandbox.alarms import evaluation, notice
from sandbox.alarms.evaluation import Point, State, Verdict
from sandbox.clock import LiveClock, Timer
from sandbox.definitions.model import Alarm, Definitions
from sandbox.journal import Journal
from sandbox.metrics.series import Series, reduce


@dataclass(frozen=True, kw_only=True)
class Change:
    """One change of an alarm's state."""

    at_ms: int
    old: State
    new: State
    reason: str


class Alarms:
    """`tell(topic_arn, subject, text, alarm_arn)` publishes; `show(name, state, reason)` shows
    the state to AWS's own clients."""

    def __init__(
        self,
        *,
        clock: LiveClock,
        journal: Journal,
        series: Series,
        tell: Callable[[str, str, str, str], Awaitable[None]],
        show: Callable[[str, State, str], Awaitable[None]],
    ) -> None:
        self._clock = clock
        self._journal = journal
        self._series = series
        self._tell = tell
        self._show = show
        self._alarms: dict[str, Alarm] = {}
        self._states: dict[str, State] = {}
        self._reasons: dict[str, str] = {}
        self._history: dict[str, list[Change]] = {}
        self._timer: Timer | None = None
        self._account_id = self._region = ""
        self._running: set[asyncio.Task[None]] = set()
        self._orders: asyncio.Lock = asyncio.Lock()

    def apply(self, definitions: Definitions) -> None:
        """Follow the deployed alarms; a changed alarm keeps its state, a new one is evaluated at once."""
        self._account_id, self._region = definitions.account_id, definitions.region
        added = [name for name in definitions.alarms if name not in self._alarms]
        for gone in self._alarms.keys() - definitions.alarms.keys():
            self._states.pop(gone, None)
        self._alarms = dict(definitions.alarms)
        for name in added:
            self._states[name] = "INSUFFICIENT_DATA"
            self._evaluate(self._alarms[name], self._clock.now_ms())
        if self._alarms:
            self._arm(self._clock.now_ms())

    async def stop(self) -> None:
        """Evaluate nothing more."""
        if self._timer is not None:
            self._timer.cancel()
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    def states(self) -> list[dict[str, Any]]:
        """Every alarm with its state, why, and its history, the latest change last."""
        return [
            {
                "name": name,
                "description": alarm.description,
                "metric": f"{alarm.namespace} {alarm.metric}",
                "state": self._states[name],
                "reason": self._reasons.get(name, ""),
                "history": [asdict(change) for change in self._history.get(name, [])],
            }
            for name, alarm in sorted(self._alarms.items())
        ]

    def _arm(self, now_ms: int) -> None:
        """Wake when the next alarm is due, on time and not when data arrives (C-06)."""
        every_ms = min(map(evaluation.every_ms, self._alarms.values()), default=evaluation.EVERY_MS)
        at_ms = (now_ms // every_ms + 1) * every_ms
        if self._timer is not None:
            if self._timer.at_ms <= at_ms:
                # Where the clock was moved, it goes on from there: no minute is passed over.
                return
            self._timer.cancel()

        def fire() -> None:
            self._timer = None
            for alarm in self._alarms.values():
                if at_ms % evaluation.every_ms(alarm) == 0:
                    self._evaluate(alarm, at_ms)
            self._arm(at_ms)

        self._timer = self._clock.call_at(at_ms, fire)

    def _evaluate(self, alarm: Alarm, now_ms: int) -> None:
        state = self._states[alarm.name]
        points = [self._point(alarm, at_ms) for at_ms in evaluation.periods(alarm, now_ms)]
        verdict = evaluation.evaluate(alarm, state, points)
        if verdict.state == state:
            return
        self._states[alarm.name], self._reasons[alarm.name] = verdict.state, verdict.reason
        change = Change(at_ms=now_ms, old=state, new=verdict.state, reason=verdict.reason)
        self._history.setdefault(alarm.name, []).append(change)
        self._journal.write("alarm.state", {"alarm": alarm.name, "old": state, "new": verdict.state}, at_ms=now_ms)
        task = asyncio.ensure_future(self._carry_out(alarm, state, verdict, now_ms))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    def _point(self, alarm: Alarm, at_ms: int) -> Point:
        values = self._series.values(
            alarm.namespace, alarm.metric, alarm.dimensions, from_ms=at_ms, to_ms=at_ms + alarm.period_s * 1000,
            unit=alarm.unit,
        )  # fmt: skip
        return Point(at_ms=at_ms, value=reduce(values, alarm.statistic))

    async def _carry_out(self, alarm: Alarm, old: State, verdict: Verdict, at_ms: int) -> None:
        """Show the new state, then its actions: only on a change, and only those of the new state (C-09)."""
        actions = {
            "ALARM": alarm.alarm_actions, "OK": alarm.ok_actions, "INSUFFICIENT_DATA": alarm.insufficient_data_actions,
        }[verdict.state]  # fmt: skip
        text = notice.text(alarm, old, verdict, account_id=self._account_id, region=self._region, at_ms=at_ms)
        # One after another, so that two changes of one alarm arrive in their order.
        async with self._orders:
            await self._show(alarm.name, verdict.state, verdict.reason)
            for topic in actions if alarm.actions_enabled else ():
                if ":sns:" in topic:
                    subject = notice.subject(alarm, verdict.state, region=self._region)
                    await self._tell(topic, subject, text, alarm.arn)
