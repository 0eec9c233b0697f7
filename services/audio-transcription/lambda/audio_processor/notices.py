"""When the speaker was last told of each thing, so that nobody is told too often, whichever worker speaks. Pure."""

from collections.abc import Mapping

KEPT_MS = 60_000
"""The longest time for which anybody asks; what was told earlier is forgotten."""


class Notices:
    """What was told, by name; it goes from worker to worker in the checkpoint."""

    def __init__(self, told_at_ms: Mapping[str, int]) -> None:
        self._told_at_ms = dict(told_at_ms)

    @property
    def told_at_ms(self) -> Mapping[str, int]:
        """Names, and the epoch milliseconds at which each was told last."""
        return dict(self._told_at_ms)

    def tell(self, name: str, *, every_ms: int, now_ms: int) -> bool:
        """Whether this is to be told at this time; it then counts as told."""
        told_at_ms = self._told_at_ms.get(name)
        if told_at_ms is not None and now_ms - told_at_ms < every_ms:
            return False
        self._told_at_ms = {one: at_ms for one, at_ms in self._told_at_ms.items() if now_ms - at_ms < KEPT_MS}
        self._told_at_ms[name] = now_ms
        return True
