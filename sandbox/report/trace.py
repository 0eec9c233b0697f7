"""One segment's way through all hops, from a run's journal. Pure."""

from typing import Any

from sandbox.journal import Event

HOPS = {
    "segment.forwarded": "sent to translation",
    "gateway.frame_out": "posted to a listener",
    "client.translation": "read by a listener",
}


def segment_ids(events: list[Event]) -> list[str]:
    """The run's segments, in the order in which they were forwarded."""
    return list(dict.fromkeys(event["segmentId"] for event in events if event["kind"] == "segment.forwarded"))


def trace(events: list[Event], segment_id: str, *, run_began_ms: int) -> list[dict[str, Any]]:
    """The moments of a segment: `{"t_ms", "hop", …}` in order; empty for one that the run does not have."""
    rows: list[dict[str, Any]] = []
    for event in events:
        if event.get("segmentId") != segment_id or event["kind"] not in HOPS:
            continue
        if event["kind"] == "segment.forwarded":
            rows.append(
                {
                    "t_ms": event["releasedAtMs"] - run_began_ms,
                    "hop": "released by the core",
                    "text": event["sourceText"],
                }
            )
        about: dict[str, Any] = {
            name: event[name] for name in ("connectionId", "listener", "language", "text") if name in event
        }
        rows.append({"t_ms": event["t_ms"], "hop": HOPS[event["kind"]], **about})
    return sorted(rows, key=lambda row: int(row["t_ms"]))
