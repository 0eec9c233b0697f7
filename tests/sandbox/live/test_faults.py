"""Orders to fail reach whoever has the faults: Transcribe's streams have their own notation."""

import asyncio

import pytest

from fake_transcribe.errors import FaultError
from fake_transcribe.faults import Faults
from sandbox.clock import LiveClock
from sandbox.edge.slowness import Slowness
from sandbox.journal import Journal
from sandbox.live.faults import FaultOrders
from sandbox.standins.failing import FailingServices


class Orders:
    """Orders without stand-ins, and what they did to streams."""

    def __init__(self) -> None:
        clock, self.streams = LiveClock(), Faults()
        self._orders = FaultOrders(
            failing=FailingServices(clock.now_ms), streams=self.streams, standins=dict, slowness=Slowness(),
            clock=clock, journal=Journal(clock), to_control_plane=self._nowhere,
        )  # fmt: skip

    async def _nowhere(self, _request) -> object:
        return None

    def order(self, code, *, times=1, for_ms=None, operation=""):
        asyncio.run(self._orders.order("transcribe", code, times=times, for_ms=for_ms, operation=operation))

    def clear(self):
        asyncio.run(self._orders.clear())


def test_the_next_streams_are_broken_as_ordered_until_that_is_taken_back():
    """T-34, T-35."""
    orders = Orders()
    orders.order("reset@2000", times=2)
    assert orders.streams.waiting() == ["reset@2000*2"]
    orders.clear()
    assert orders.streams.waiting() == []


def test_what_no_stream_can_suffer_is_refused():
    """A fault that is none, a time, an operation."""
    orders = Orders()
    with pytest.raises(FaultError, match="expected a fault as KIND"):
        orders.order("ThrottlingException")
    for wrong in ({"times": None, "for_ms": 1000}, {"operation": "StartStreamTranscription"}):
        with pytest.raises(LookupError, match="expected a number of streams"):
            orders.order("reset@1", **wrong)
    assert orders.streams.waiting() == []
