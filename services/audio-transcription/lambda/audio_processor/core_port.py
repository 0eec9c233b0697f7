"""The partial-result core as the worker uses it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from partial_results import Unsettled


@dataclass(frozen=True, kw_only=True)
class Released:
    """A segment that the core has released. Times of audio are the session's; `stable_at_ms` is epoch time.

    `reason` is the core's rule, or `correction`; `result_id` names the result of Transcribe that said the words.
    """

    sequence: int
    reason: str
    result_id: str
    text: str
    start_ms: int
    end_ms: int
    is_final: bool
    stable_at_ms: int | None = None
    corrects: int | None = None
    """The number of the segment whose text this one replaces."""


class Core(Protocol):
    """One stream's core: inputs come with the epoch time, releases come out."""

    @property
    def next_deadline_ms(self) -> int | None: ...

    @property
    def covered_until_ms(self) -> int:
        """The place in the session's audio up to which everything said is released."""
        ...

    @property
    def has_pending(self) -> bool:
        """Whether words are known that are not released."""
        ...

    @property
    def unsettled(self) -> tuple[Unsettled, ...]:
        """Those words, for the next stream's core."""
        ...

    @property
    def next_sequence(self) -> int: ...

    @property
    def orphaned(self) -> int: ...

    @property
    def thinned(self) -> int: ...

    def configure(self, settings: Mapping[str, Any]) -> None:
        """Work by other settings from now on."""
        ...

    def receive(self, result: Any, now_ms: int) -> list[Released]:
        """A result in the SDK's shape, with times of the session."""
        ...

    def audio_heard(self, until_ms: int, silence_ms: int) -> None:
        """The recogniser has been given the session's audio up to this place, and so much silence after it."""
        ...

    def audio_awaited(self, now_ms: int) -> None:
        """The recogniser stands still for want of audio that is on its way."""
        ...

    def tick(self, now_ms: int) -> list[Released]: ...

    def finish(self, now_ms: int) -> list[Released]:
        """The stream has ended: release what stands ready."""
        ...


CoreFactory = Callable[[Mapping[str, Any], int, int, Sequence[Unsettled]], Core]
"""Makes a core of settings, the next segment's number, the place up to which words are committed, and what the core
before left unsettled."""
