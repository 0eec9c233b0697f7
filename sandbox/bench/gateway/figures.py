"""The bench's figures: what each is, which emulator it is held against, and by what ratio. Pure."""

import math
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

OURS = "sandbox"
BEST = "best"
MEMORY_LIMIT_MIB = 600

Results = Mapping[str, Sequence[Mapping[str, Any]]]
"""For each emulator one document a repetition."""


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One row: where its value is in a repetition, and the ratio that is promised against the best peer or a named."""

    name: str
    path: tuple[str, ...]
    better: Literal["lower", "higher"] = "lower"
    against: str = BEST
    ratio: float | None = None


FIGURES = (
    Figure(name="launch to first reply (s)", path=("first_reply_s",), against="architect", ratio=1.0),
    Figure(name="request/reply, returned body: median (ms)", path=("returned", "p50_ms"), ratio=0.9),
    Figure(name="request/reply, returned body: p99 (ms)", path=("returned", "p99_ms"), ratio=0.9),
    Figure(name="request/reply, posted: median (ms)", path=("posted", "p50_ms"), ratio=0.8),
    Figure(name="request/reply, posted: p99 (ms)", path=("posted", "p99_ms"), ratio=0.8),
    Figure(name="pipelined messages: replies a second", path=("pipelined", "per_s"), better="higher", ratio=2.0),
    Figure(name="pipelined messages: environments", path=("pipelined", "environments")),
    Figure(name="pipelined messages: errors", path=("pipelined", "errors")),
    Figure(name="fan-out: last client (ms)", path=("fan_out", "warm", "last_ms"), ratio=0.7),
    Figure(name="handshakes at once: opened", path=("storm", "opened"), better="higher"),
    Figure(
        name="handshakes at once: connections a second", path=("storm", "per_s"), better="higher", against="ministack",
        ratio=5.0,
    ),
    Figure(name="the whole tree with them open: PSS (MiB)", path=("storm_pss_mib",)),
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Row:
    """One figure's medians by emulator, our ratio to the one it is held against, and whether it keeps its promise."""

    figure: Figure
    medians: Mapping[str, float]
    against: str | None = None
    ratio: float | None = None
    kept: bool | None = None


def lateness(seconds: Iterable[float]) -> dict[str, float]:
    """Milliseconds: the median and the 99th of a hundred (the greatest, where there are fewer)."""
    late = sorted(seconds)
    if not late:
        return {}
    of_a_hundred = late[math.ceil(0.99 * len(late)) - 1]
    return {"p50_ms": round(statistics.median(late) * 1000, 2), "p99_ms": round(of_a_hundred * 1000, 2)}


def rows(results: Results) -> list[Row]:
    """Every figure that was measured of us."""
    found = []
    for figure in FIGURES:
        values = {name: _values(repetitions, figure.path) for name, repetitions in results.items()}
        medians = {name: statistics.median(one) for name, one in values.items() if one}
        if OURS in medians:
            found.append(_row(figure, medians, values))
    return found


def beyond(results: Results, measured: Sequence[Row], *, crowd: int) -> list[str]:
    """A line for each promise that is not kept."""
    lines = []
    for row in measured:
        if row.kept is False and row.ratio is not None:
            wanted = "at most" if row.figure.better == "lower" else "at least"
            lines.append(
                f"{row.figure.name}: expected {wanted} {row.figure.ratio} of {row.against}, got {row.ratio:.2f}"
            )
    for repetition in results.get(OURS, ()):
        if repetition.get("pipelined", {}).get("errors"):
            lines.append(f"pipelined messages: expected no error, got {repetition['pipelined']['errors']}")
        if "storm" in repetition and repetition["storm"].get("opened") != crowd:
            lines.append(f"handshakes at once: expected {crowd} open, got {repetition['storm'].get('opened')}")
        if repetition.get("storm_pss_mib", 0) > MEMORY_LIMIT_MIB:
            lines.append(f"memory: expected at most {MEMORY_LIMIT_MIB} MiB, got {repetition['storm_pss_mib']}")
        lines += [
            f"{name}: {one['failed']}" for name, one in repetition.items() if isinstance(one, dict) and "failed" in one
        ]
    return lines


def _row(figure: Figure, medians: Mapping[str, float], values: Mapping[str, Sequence[float]]) -> Row:
    peers = {name: value for name, value in medians.items() if name != OURS}
    if figure.against != BEST:
        peers = {name: value for name, value in peers.items() if name == figure.against}
    if not peers:
        return Row(figure=figure, medians=medians)
    pick = min if figure.better == "lower" else max
    against = pick(peers, key=lambda name: peers[name])
    # Of one repetition with its own neighbour's, so that what disturbs both disturbs the ratio least.
    ratios = [ours / theirs for ours, theirs in zip(values[OURS], values[against], strict=False) if theirs]
    if figure.ratio is None or not ratios:
        return Row(figure=figure, medians=medians, against=against)
    ratio = statistics.median(ratios)
    kept = ratio <= figure.ratio if figure.better == "lower" else ratio >= figure.ratio
    return Row(figure=figure, medians=medians, against=against, ratio=ratio, kept=kept)


def _values(repetitions: Sequence[Mapping[str, Any]], path: tuple[str, ...]) -> list[float]:
    found = []
    for repetition in repetitions:
        value: Any = repetition
        for step in path:
            value = value.get(step) if isinstance(value, Mapping) else None
        if isinstance(value, (int, float)):
            found.append(float(value))
    return found
