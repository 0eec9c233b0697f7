"""Services that the running world is told to fail, wherever they are answered."""

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING

from fake_transcribe.faults import Faults, parse
from sandbox.clock import LiveClock
from sandbox.edge.http import HttpRequest
from sandbox.edge.slowness import Slowness
from sandbox.journal import Journal
from sandbox.live.plane_requests import order_failures
from sandbox.standins.failing import FailingServices

if TYPE_CHECKING:
    from sandbox.standins.polly import PollyStandIn
    from sandbox.standins.translate import TranslateStandIn

TRANSCRIBE = "transcribe"


class FaultOrders:
    """`standins` gives those that have faults of their own, in their contracts' words; Transcribe's `streams` have
    those that `fake_transcribe.faults` writes; the edge and the control plane fail the rest, and the
    edge can be slow."""

    def __init__(
        self,
        *,
        failing: FailingServices,
        streams: Faults,
        standins: "Callable[[], Mapping[str, TranslateStandIn | PollyStandIn]]",
        slowness: Slowness,
        clock: LiveClock,
        journal: Journal,
        to_control_plane: Callable[[HttpRequest], Awaitable[object]],
    ) -> None:
        self._failing = failing
        self._streams = streams
        self._standins = standins
        self._slowness = slowness
        self._clock = clock
        self._journal = journal
        self._to_control_plane = to_control_plane

    async def order(self, service: str, code: str, *, times: int | None, for_ms: int | None, operation: str) -> None:
        """Have calls of a service fail: so many, or for so long. Raises LookupError for what cannot fail so."""
        facts = {"service": service, "code": code, "times": times, "for_ms": for_ms, "operation": operation}
        standin = self._standins().get(service)
        if service == TRANSCRIBE:
            if for_ms is not None or operation:
                raise LookupError(
                    "transcribe: expected a number of streams, got a time or an operation: give times alone"
                )
            self._streams.order_all([parse(f"{code}*{times}")])
        elif standin is None:
            self._failing.order(service, code, times=times, for_ms=for_ms, operation=operation)
            await self._to_control_plane(order_failures([facts]))
        elif code in standin.contract.codes():
            until_ms = None if for_ms is None else self._clock.now_ms() + for_ms
            standin.faults.add(code, times=times, until_ms=until_ms)
        else:
            raise LookupError(f"code: expected one of {', '.join(sorted(standin.contract.codes()))}, got {code}")
        self._journal.write("fault.ordered", facts)

    def slow_down(self, operation: str, *, delay_ms: int, times: int) -> None:
        """Have the next requests for an operation wait (`Slowness.add`)."""
        self._slowness.add(operation, delay_ms=delay_ms, times=times)
        self._journal.write("edge.slowness", {"operation": operation, "delayMs": delay_ms, "times": times})

    def hurry(self) -> None:
        """Have no request wait any more."""
        self._slowness.clear()

    async def clear(self) -> None:
        """Have every service answer again."""
        self._failing.clear()
        self._streams.forget()
        for standin in self._standins().values():
            standin.faults.clear()
        await self._to_control_plane(order_failures([]))
        self._journal.write("fault.cleared", {})
