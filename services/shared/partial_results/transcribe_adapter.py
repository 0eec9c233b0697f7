"""Amazon Transcribe's results as the core's. The service has a flag and no score: it becomes 1.0 or 0.0."""

from collections.abc import Sequence
from typing import Protocol

from partial_results.events import Item, Result


class TranscribeItem(Protocol):
    """`amazon_transcribe.model.Item`; times are seconds."""

    @property
    def content(self) -> str | None: ...
    @property
    def item_type(self) -> str | None: ...
    @property
    def start_time(self) -> float | None: ...
    @property
    def end_time(self) -> float | None: ...
    @property
    def stable(self) -> bool | None: ...


class TranscribeAlternative(Protocol):
    """`amazon_transcribe.model.Alternative`."""

    @property
    def items(self) -> Sequence[TranscribeItem]: ...


class TranscribeResult(Protocol):
    """`amazon_transcribe.model.Result`."""

    @property
    def result_id(self) -> str | None: ...
    @property
    def start_time(self) -> float | None: ...
    @property
    def end_time(self) -> float | None: ...
    @property
    def is_partial(self) -> bool | None: ...
    @property
    def alternatives(self) -> Sequence[TranscribeAlternative] | None: ...
    @property
    def channel_id(self) -> str | None: ...


def from_transcribe(result: TranscribeResult, *, offset_ms: int = 0) -> Result:
    """One result; `offset_ms` is where in the session's audio its stream began."""
    items = result.alternatives[0].items if result.alternatives else ()
    return Result(
        result_id=result.result_id or "",
        channel_id=result.channel_id,
        is_partial=bool(result.is_partial),
        items=tuple(_item(item, offset_ms) for item in items if item.content),
        start_ms=_ms(result.start_time, offset_ms),
        end_ms=_ms(result.end_time, offset_ms),
    )


def _item(item: TranscribeItem, offset_ms: int) -> Item:
    return Item(
        text=item.content or "",
        is_punctuation=item.item_type == "punctuation",
        start_ms=_ms(item.start_time, offset_ms),
        end_ms=_ms(item.end_time, offset_ms),
        stability=None if item.stable is None else float(item.stable),
    )


def _ms(seconds: float | None, offset_ms: int) -> int:
    return round((seconds or 0.0) * 1000) + offset_ms
