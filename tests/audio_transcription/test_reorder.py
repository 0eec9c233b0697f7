"""Chunks in order of `seq`."""

from collections.abc import Iterable

from audio_processor.chunk import Chunk
from audio_processor.reorder import Before, Reorder
from hypothesis import given
from hypothesis import strategies as st


def chunk(seq: int, *, message_id: str = "m", taken_at_ms: int = 0) -> Chunk:
    return Chunk(
        seq=seq,
        audio=bytes(320),
        received_at_ms=0,
        message_id=f"{message_id}{seq}",
        receipt_handle=f"r{seq}/{taken_at_ms}",
        taken_at_ms=taken_at_ms,
    )


def seqs(chunks: Iterable[Chunk]) -> list[int]:
    return [one.seq for one in chunks]


@given(st.permutations(range(12)))
def test_any_order_of_arrival_comes_out_in_order(arrival):
    reorder, out = Reorder(next_seq=0, gap_wait_ms=2_000, hidden_wait_ms=21_000), []
    for at_ms, seq in enumerate(arrival):
        reorder.put(chunk(seq))
        out += seqs(reorder.ready(at_ms))
    assert out == list(range(12))
    assert reorder.lost == 0


def test_a_gap_is_waited_for_and_then_counted_as_lost():
    reorder = Reorder(next_seq=0, gap_wait_ms=2_000, hidden_wait_ms=21_000)
    reorder.put(chunk(3))
    assert reorder.ready(100) == []
    assert reorder.next_deadline_ms == 2_100
    assert reorder.ready(2_099) == []
    assert seqs(reorder.ready(2_100)) == [3]
    assert (reorder.lost, reorder.next_seq) == (3, 4)
    assert seqs(reorder.waiting()) == []


def test_what_a_predecessor_counted_is_not_counted_again():
    """It is waited for all the same: its message may have come late."""
    before = Before(heard_seq=4, given_up=((0, 2),))
    reorder = Reorder(next_seq=0, gap_wait_ms=2_000, hidden_wait_ms=21_000, before=before)
    reorder.put(chunk(3))
    assert reorder.ready(100) == []
    assert seqs(reorder.ready(2_100)) == [3]
    assert reorder.lost == 0
    reorder.put(chunk(4))
    reorder.put(chunk(7))
    assert seqs(reorder.ready(2_200)) == [4]
    assert seqs(reorder.ready(4_200)) == [7]
    assert reorder.lost == 2
    assert reorder.given_up == ((0, 2), (5, 6))


def test_what_a_predecessor_counted_and_may_not_have_told_is_counted():
    before = Before(heard_seq=4, given_up=((0, 2),), is_counted=False)
    reorder = Reorder(next_seq=0, gap_wait_ms=2_000, hidden_wait_ms=21_000, before=before)
    reorder.put(chunk(3))
    reorder.ready(100)
    assert seqs(reorder.ready(2_100)) == [3]
    assert reorder.lost == 3


def test_what_a_predecessor_received_is_waited_for_until_it_cannot_be_hidden_any_more():
    """`sandbox sim --scenario steady --seed 366 --speech 60 --faults all`: the answer to a receive was lost."""
    before = Before(heard_seq=4, given_up=((1, 2),))
    reorder = Reorder(next_seq=0, gap_wait_ms=2_000, hidden_wait_ms=21_000, before=before)
    reorder.put(chunk(4))
    reorder.put(chunk(6))
    assert reorder.ready(100) == []
    assert reorder.next_deadline_ms == 21_100
    reorder.put(chunk(0))
    assert seqs(reorder.ready(9_000)) == [0]
    assert reorder.next_deadline_ms == 30_000
    reorder.put(chunk(3))
    assert reorder.ready(10_000) == []
    assert reorder.next_deadline_ms == 11_000
    assert seqs(reorder.ready(11_000)) == [3, 4]
    assert reorder.next_deadline_ms == 13_000
    assert seqs(reorder.ready(13_000)) == [6]
    assert reorder.lost == 1


def test_a_second_gap_gets_a_wait_of_its_own():
    reorder = Reorder(next_seq=0, gap_wait_ms=2_000, hidden_wait_ms=21_000)
    reorder.put(chunk(1))
    reorder.put(chunk(3))
    assert reorder.ready(0) == []
    assert seqs(reorder.ready(2_000)) == [1]
    assert reorder.ready(3_999) == []
    assert seqs(reorder.ready(4_000)) == [3]


def test_after_a_crash_gaps_are_waited_for_until_the_dead_workers_messages_are_back():
    reorder = Reorder(next_seq=0, gap_wait_ms=2_000, hidden_wait_ms=21_000, patient_until_ms=21_000)
    reorder.put(chunk(1))
    reorder.ready(0)
    assert reorder.next_deadline_ms == 21_000
    reorder.put(chunk(0))
    assert seqs(reorder.ready(20_999)) == [0, 1]


def test_when_time_is_up_what_waits_goes_on_without_the_rest():
    before = Before(heard_seq=2)
    reorder = Reorder(next_seq=0, gap_wait_ms=2_000, hidden_wait_ms=21_000, patient_until_ms=9_000, before=before)
    reorder.put(chunk(1))
    reorder.put(chunk(3))
    assert reorder.ready(0) == []
    reorder.wait_no_longer()
    assert seqs([*reorder.ready(1), *reorder.ready(2)]) == [1, 3]
    assert reorder.lost == 2


def test_a_client_that_jumps_far_ahead_costs_nothing_but_a_count():
    reorder = Reorder(next_seq=0, gap_wait_ms=2_000, hidden_wait_ms=21_000)
    reorder.put(chunk(10**12))
    reorder.ready(0)
    assert seqs(reorder.ready(2_000)) == [10**12]
    assert reorder.lost == 10**12
