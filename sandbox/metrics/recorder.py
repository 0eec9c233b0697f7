"""Turns what functions log and Lambda counts into data points, for the alarms and for the journal."""

from typing import Any

from sandbox.clock import LiveClock
from sandbox.definitions.model import Definitions
from sandbox.journal import Event, Journal
from sandbox.metrics import emf, journaled, platform
from sandbox.metrics.series import Series
from sandbox.metrics.watched import watched


class MetricsRecorder:
    """Hears the journal from the moment it is made."""

    def __init__(self, *, clock: LiveClock, journal: Journal, series: Series) -> None:
        self._clock = clock
        self._journal = journal
        self._series = series
        self._watched: list[dict[str, Any]] = []
        journal.subscribe(self._note)

    def apply(self, definitions: Definitions) -> None:
        """Follow what is watched."""
        now = watched(definitions)
        if now != self._watched:
            self._watched = now
            self.announce()

    def announce(self) -> None:
        """Say in the journal what is watched; each run's journal is to be read without another."""
        if self._watched:
            self._journal.write("metrics.watched", {"metrics": self._watched})

    def _note(self, event: Event) -> None:
        if event["kind"] != "lambda.log":
            for datum in platform.read(event, now_ms=self._clock.now_ms()):
                self._series.add(datum)
        else:
            for datum in emf.read(event["line"]):
                self._series.add(datum)
                self._journal.write("metric", journaled.about(datum))
