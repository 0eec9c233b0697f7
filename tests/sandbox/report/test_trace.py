"""A segment's way is read from the journal, hop by hop."""

from sandbox.report.trace import segment_ids, trace

BEGAN_MS = 1_000
EVENTS = [
    {"t_ms": 50, "kind": "segment.forwarded", "segmentId": "s-0", "sourceText": "one", "releasedAtMs": 1_040},
    {"t_ms": 70, "kind": "gateway.frame_out", "segmentId": "s-0", "connectionId": "c", "language": "es"},
    {"t_ms": 71, "kind": "client.translation", "segmentId": "s-0", "listener": "es-1", "text": "uno"},
    {"t_ms": 90, "kind": "segment.forwarded", "segmentId": "s-1", "sourceText": "two", "releasedAtMs": 1_080},
]  # fmt: skip


def test_each_hop_has_its_moment():
    """Released, sent, posted, read: milliseconds since the run began."""
    rows = trace(EVENTS, "s-0", run_began_ms=BEGAN_MS)
    assert [(row["t_ms"], row["hop"]) for row in rows] == [
        (40, "released by the core"), (50, "sent to translation"), (70, "posted to a listener"),
        (71, "read by a listener"),
    ]  # fmt: skip


def test_segments_are_named_in_the_order_they_left():
    """And a segment that the run does not have has no rows."""
    assert segment_ids(EVENTS) == ["s-0", "s-1"]
    assert trace(EVENTS, "s-9", run_began_ms=BEGAN_MS) == []
