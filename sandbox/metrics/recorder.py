"""Turns what functions log, clients put and Lambda counts into data points, for the alarms and for the journal."""

from typing import Any

from sandbox.clock import LiveClock
from sandbox.definitions.model import Definitions
from sandbox.edge.http import HttpRequest, HttpResponse
from sandbox.journal import Event, Journal
from sandbox.metrics import emf, journaled, platform, put_data
from sandbox.metrics.emf import Datum
from sandbox.metrics.series import Series
from sandbox.metrics.watched import watched
from sandbox.permissions import calls


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

    def note(self, request: HttpRequest, answer: HttpResponse) -> None:
        """Take what the request put into CloudWatch."""
        if answer.status != 200 or not (request.header("X-Amz-Target") or "").endswith(".PutMetricData"):
            return
        call = calls.read("monitoring", method="POST", path="/", query="", header=request.header, body=request.body)
        for datum in put_data.read(call.parameters, now_ms=self._clock.now_ms()):
            self._keep(datum)

    def _keep(self, datum: Datum) -> None:
        self._series.add(datum)
        self._journal.write("metric", journaled.about(datum))

    def _note(self, event: Event) -> None:
        kind = event["kind"]
        if kind == "lambda.log":
            for datum in emf.read(event["line"]):
                self._keep(datum)
        elif kind.startswith(platform.SOURCES):
            for datum in platform.read(event, now_ms=self._clock.now_ms()):
                self._series.add(datum)
