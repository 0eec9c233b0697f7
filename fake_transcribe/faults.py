"""Faults on demand: what a stream is told to suffer, and when. Pure.

A fault is written `KIND[=VALUE][@AUDIO_MS][*STREAMS]`: with `@` it comes in the stream, when this much audio was
received, without it before the stream; it is for the next stream, or for the next STREAMS. `exception=NAME` may name an
exception that the service does not know, `header-delay=MS` holds the answer back.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from fake_transcribe.errors import FaultError

IN_STREAM = ("exception", "unknown-event", "bad-crc", "truncated", "goaway", "reset")
BEFORE_STREAM = ("exception", "header-delay")
_FORM = re.compile(r"(?P<kind>[a-z-]+)(=(?P<value>\w+))?(@(?P<at_ms>\d{1,9}))?(\*(?P<streams>\d{1,6}))?")
_EXPECTED = (
    "expected a fault as KIND[=VALUE][@AUDIO_MS][*STREAMS], for example exception=InternalFailureException@1500; "
    "kinds: exception=NAME, header-delay=MS; in the stream (@) " + ", ".join(IN_STREAM)
)


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One fault of one stream; `at_ms` is None before the stream."""

    kind: str
    value: str = ""
    at_ms: int | None = None


@dataclass(frozen=True, kw_only=True)
class Ordered:
    """A fault for the next `streams` streams."""

    fault: Fault
    streams: int


def parse(text: str) -> Ordered:
    """The fault that the text says. Raises FaultError."""
    match = _FORM.fullmatch(text)
    if match is None:
        raise FaultError(f"{_EXPECTED}; got {text!r}")
    kind, value = match["kind"], match["value"] or ""
    at_ms = None if match["at_ms"] is None else int(match["at_ms"])
    allowed = BEFORE_STREAM if at_ms is None else IN_STREAM
    lacks_value = (kind in ("exception", "header-delay")) != bool(value)
    if kind not in allowed or lacks_value or (kind == "header-delay" and not value.isdecimal()):
        raise FaultError(f"{_EXPECTED}; got {text!r}")
    return Ordered(fault=Fault(kind=kind, value=value, at_ms=at_ms), streams=int(match["streams"] or 1))


class Faults:
    """What was ordered and has not been had yet."""

    def __init__(self, ordered: Sequence[Ordered] = ()) -> None:
        self._left: list[tuple[Fault, int]] = []
        self.order_all(ordered)

    def order_all(self, ordered: Sequence[Ordered]) -> None:
        """Add faults for the streams to come."""
        self._left += [(one.fault, one.streams) for one in ordered if one.streams]

    def forget(self) -> None:
        """Order nothing any more."""
        self._left = []

    def next_stream(self) -> list[Fault]:
        """The faults of the stream that begins now."""
        faults = [fault for fault, _ in self._left]
        self._left = [(fault, streams - 1) for fault, streams in self._left if streams > 1]
        return faults

    def waiting(self) -> list[str]:
        """What is still to come, as it is written."""
        return [_written(fault, streams) for fault, streams in self._left]


def _written(fault: Fault, streams: int) -> str:
    value = f"={fault.value}" if fault.value else ""
    at = "" if fault.at_ms is None else f"@{fault.at_ms}"
    return f"{fault.kind}{value}{at}" + (f"*{streams}" if streams > 1 else "")
