"""When a worker starts its successor, and when it makes the cut."""

import pytest
from audio_processor.handover import Step, Window, decide

WINDOW = Window(ends_at_ms=60_000)


@pytest.mark.parametrize(
    ("now_ms", "started_at_ms", "announced", "at_boundary", "expected"),
    [
        (39_999, None, False, True, Step.GO_ON),
        (40_000, None, False, True, Step.START_SUCCESSOR),
        (43_999, 40_000, False, True, Step.GO_ON),
        (44_000, 40_000, False, True, Step.START_SUCCESSOR),
        (41_000, 40_000, True, False, Step.GO_ON),
        (41_000, 40_000, True, True, Step.CUT),
        (51_999, 40_000, True, False, Step.GO_ON),
        (52_000, 40_000, True, False, Step.CUT),
        (52_000, 48_000, False, True, Step.LET_GO),
    ],
)
def test_the_steps_of_a_workers_last_twenty_seconds(now_ms, started_at_ms, announced, at_boundary, expected):
    step = decide(
        window=WINDOW, now_ms=now_ms, started_at_ms=started_at_ms, announced=announced, at_boundary=at_boundary
    )
    assert step is expected
