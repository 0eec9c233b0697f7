"""The rate of chunks over all environments, by the times at which the gateway got them."""

import pytest
from audio_processor import limits
from audio_processor.chunk import Chunk
from audio_processor.chunk_rate import CONNECTIONS, ChunkRate, Verdict

NOW = 1_700_000_000_000
MOST = limits.CHUNKS_PER_S + limits.RATE_SPARE


def chunk(at_ms: int, *, connection: str = "c1", refused: int = 0) -> Chunk:
    return Chunk(
        seq=0,
        audio=b"",
        received_at_ms=NOW,
        arrived_at_ms=NOW + at_ms,
        message_id="m",
        receipt_handle="r",
        taken_at_ms=NOW,
        connection_id=connection,
        refused_before=refused,
    )


def steady(per_s: int, *, length_ms: int, from_ms: int = 0) -> list[Chunk]:
    return [chunk(from_ms + number * 1_000 // per_s) for number in range(per_s * length_ms // 1_000)]


def test_50_chunks_and_one_to_spare_in_any_second_are_allowed_and_one_more_is_not():
    rate = ChunkRate()
    assert rate.saw([chunk(at) for at in range(MOST)]) == {}
    assert rate.saw([chunk(999)]) == {"c1": Verdict.TOO_FAST}


def test_the_limit_itself_may_go_on_for_ever():
    assert ChunkRate().saw(steady(50, length_ms=60_000)) == {}


def test_what_an_environment_refused_counts_too():
    rate = ChunkRate()
    assert rate.saw([chunk(0, refused=MOST - 1)]) == {}
    assert rate.saw([chunk(0)]) == {"c1": Verdict.TOO_FAST}


@pytest.mark.parametrize("per_s", [60, 100, 400])
def test_excess_that_goes_on_for_5_s_closes_the_connection_once(per_s):
    rate = ChunkRate()
    chunks = steady(per_s, length_ms=10_000)
    verdicts = [(one.arrived_at_ms - NOW, rate.saw([one]).get("c1")) for one in chunks]
    closed = [at_ms for at_ms, verdict in verdicts if verdict is Verdict.CLOSE]
    assert len(closed) == 1
    assert limits.RATE_PATIENCE_MS <= closed[0] <= limits.RATE_PATIENCE_MS + 1_000
    assert all(verdict is None for at_ms, verdict in verdicts if at_ms > closed[0])


def test_bursts_of_which_each_is_heeded_close_nothing():
    rate = ChunkRate()
    for burst in range(10):
        verdicts = rate.saw(steady(100, length_ms=1_000, from_ms=burst * 4_000))
        assert verdicts == {"c1": Verdict.TOO_FAST}


def test_connections_are_counted_apart():
    rate = ChunkRate()
    assert rate.saw([chunk(at, connection=f"c{at % 2}") for at in range(2 * MOST)]) == {}


def test_disorder_changes_nothing_and_what_comes_again_much_later_counts_for_nothing():
    """A queue delivers out of order, and after a crash what is 20 s old."""
    rate = ChunkRate()
    ordered = steady(50, length_ms=4_000)
    swapped = [one for pair in zip(ordered[1::2], ordered[::2], strict=True) for one in pair]
    assert rate.saw(swapped) == {}
    assert rate.saw(ordered[:50]) == {}


def test_it_remembers_a_few_connections_and_a_few_seconds():
    rate = ChunkRate()
    rate.saw([chunk(at, connection=f"c{at}") for at in range(100)])
    assert len(rate._senders) == CONNECTIONS
    rate.saw(steady(40, length_ms=30_000))
    assert len(rate._senders["c1"].events) <= 40 * 3 + 1
