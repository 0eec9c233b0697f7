"""Thinning of partials that come faster than they are wanted: the newest of each window, finals never. Pure."""

from dataclasses import dataclass, field

from partial_results.events import Result


@dataclass(kw_only=True)
class Pace:
    """Lets one partial of a result through each window and keeps the newest of the others for the window's end."""

    _passed_ms: dict[tuple[str, str | None], int] = field(default_factory=dict)
    _held: dict[tuple[str, str | None], Result] = field(default_factory=dict)

    def admit(self, result: Result, now_ms: int, window_ms: int) -> tuple[bool, bool]:
        """(whether to process it now, whether another was dropped for it)."""
        passed_ms = self._passed_ms.get(result.key)
        if passed_ms is None or now_ms - passed_ms >= window_ms:
            self._passed_ms[result.key] = now_ms
            dropped = self._held.pop(result.key, None) is not None
            return True, dropped
        held = self._held.get(result.key)
        if held is None or _better(result, held):
            self._held[result.key] = result
        return False, held is not None

    def due(self, now_ms: int, window_ms: int) -> list[Result]:
        """The held partials whose window has ended."""
        ready = [key for key in self._held if now_ms - self._passed_ms[key] >= window_ms]
        for key in ready:
            self._passed_ms[key] = now_ms
        return [self._held.pop(key) for key in ready]

    def next_deadline_ms(self, window_ms: int) -> int | None:
        return min((self._passed_ms[key] + window_ms for key in self._held), default=None)

    def forget(self, key: tuple[str, str | None]) -> bool:
        """The result is over; True when a held partial was dropped with it."""
        self._passed_ms.pop(key, None)
        return self._held.pop(key, None) is not None


def _better(new: Result, held: Result) -> bool:
    """The newer of two, and of two equally new the more stable."""

    def stable(result: Result) -> float:
        return sum(item.stability or 0.0 for item in result.items)

    return (new.end_ms, stable(new)) >= (held.end_ms, stable(held))
