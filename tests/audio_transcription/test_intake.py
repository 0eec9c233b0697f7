"""What becomes of each message, and where each chunk lies in the session's audio."""

from dataclasses import replace

from audio_processor.chunk import Chunk
from audio_processor.intake import Intake
from audio_processor.ledger import Ledger
from audio_processor.reorder import Reorder


def chunk(seq: int, *, message_id: str | None = None, size: int = 3_200, taken_at_ms: int = 0) -> Chunk:
    return Chunk(
        seq=seq,
        audio=bytes(size),
        received_at_ms=0,
        message_id=message_id or f"m{seq}",
        receipt_handle=f"r{seq}/{taken_at_ms}",
        taken_at_ms=taken_at_ms,
    )


def intake(*, next_seq: int = 0, offset_byte: int = 0) -> Intake:
    return Intake(
        reorder=Reorder(next_seq=next_seq, gap_wait_ms=2_000, hidden_wait_ms=21_000),
        ledger=Ledger(next_seq=next_seq, offset_byte=offset_byte),
    )


def hold(one: Intake, *chunks: Chunk) -> None:
    for each in chunks:
        one.accept(each)
    for each in one.reorder.ready(0):
        one.ledger.add(each, silent=False)


def test_a_chunks_place_is_the_sum_of_the_lengths_before_it():
    one = intake(offset_byte=100)
    hold(one, chunk(0, size=100), chunk(1, size=3_334), chunk(2))
    assert [held.start_byte for held in one.ledger] == [100, 200, 3_534]
    assert one.ledger.end_ms == (3_534 + 3_200) // 32


def test_lost_chunks_are_taken_to_be_as_long_as_the_one_after_them():
    """Of words that a stream heard with them, the next stream must know the times."""
    one = intake()
    for each in (chunk(0), chunk(4, size=1_600)):
        one.ledger.add(each, silent=False)
    assert [held.start_byte for held in one.ledger] == [0, 3_200 + 3 * 1_600]
    one.cover(100)
    assert (one.ledger.first_seq, one.ledger.first_byte) == (4, 8_000)


def test_a_client_that_counts_as_it_likes_loses_a_minute_at_most():
    one = intake()
    one.ledger.add(chunk(2**53 - 1), silent=False)
    assert one.ledger.end_ms == 60_000 + 100


def test_a_message_is_deleted_only_when_its_audio_is_covered_and_a_checkpoint_says_so():
    one = intake()
    hold(one, chunk(0), chunk(1), chunk(2))
    one.cover(199)
    assert one.deletable(-1) == []
    assert (one.ledger.first_seq, one.ledger.first_byte) == (1, 3_200)
    assert [each.seq for each in one.deletable(0)] == [0]
    assert one.deletable(0) == []


def test_a_redelivery_of_a_held_message_renews_its_receipt_handle():
    one = intake()
    hold(one, chunk(0))
    one.accept(chunk(0, taken_at_ms=5))
    assert one.deletable(-1) == []
    one.cover(100)
    assert [each.receipt_handle for each in one.deletable(0)] == ["r0/5"]


def test_a_redelivery_of_a_waiting_message_renews_its_receipt_handle():
    one = intake()
    one.accept(chunk(1))
    one.accept(chunk(1, taken_at_ms=5))
    assert [each.receipt_handle for each in one.unsettled()] == ["r1/5"]


def test_a_chunk_that_the_client_sent_again_is_deleted_at_once_and_the_first_is_kept():
    one = intake()
    hold(one, chunk(0))
    one.accept(chunk(0, message_id="again"))
    assert [each.message_id for each in one.deletable(-1)] == ["again"]
    assert [each.message_id for each in one.unsettled()] == ["m0"]


def test_of_two_messages_of_a_number_the_one_sent_first_is_heard_though_the_queue_delivers_it_last():
    """Unless the other was given to Transcribe already: what was heard was heard."""
    one = intake()
    first, again = chunk(1), replace(chunk(1, message_id="again"), arrived_at_ms=400)
    one.accept(again)
    one.accept(first)
    assert [each.message_id for each in one.reorder.waiting()] == [first.message_id]
    assert one.deletable(-1) == [again]
    hold(one, chunk(0))
    one.accept(replace(chunk(1, message_id="earlier"), arrived_at_ms=-1))
    assert [held.chunk.message_id for held in one.ledger] == ["m0", "m1"]
    assert [each.message_id for each in one.deletable(-1)] == ["earlier"]


def test_what_an_earlier_worker_had_covered_is_deleted_at_once():
    one = intake(next_seq=5)
    one.accept(chunk(4))
    assert [each.seq for each in one.deletable(4)] == [4]
    assert (one.received, one.repeated) == (0, 1)


def test_messages_held_for_long_are_extended_once_in_a_while():
    one = intake()
    hold(one, chunk(0))
    one.accept(chunk(2, taken_at_ms=4_000))
    assert [each.seq for each in one.ageing(10_000, after_ms=10_000)] == [0]
    assert one.ageing(10_001, after_ms=10_000) == []
    assert [each.seq for each in one.ageing(14_000, after_ms=10_000)] == [2]


def test_chunks_after_one_that_is_undecided_are_not_fed():
    one = intake()
    one.ledger.add(chunk(0), silent=False)
    one.ledger.add(chunk(1), silent=None)
    one.ledger.add(replace(chunk(2), received_at_ms=9), silent=False)
    assert [held.chunk.seq for held in one.ledger.feedable(-1)] == [0]
    one.ledger.decide(lambda received_at_ms: True)
    assert [held.sound == held.chunk.audio for held in one.ledger.feedable(0)] == [True, True]
    assert [held.silent for held in one.ledger.feedable(-1)] == [False, True, False]


def test_the_chunk_that_carries_a_place_is_known_while_it_is_held():
    """A word belongs to the chunk in which it ends; what lies between chunks was lost, and what is covered let go."""
    one = intake()
    for each in (chunk(0), chunk(1), chunk(3)):
        one.ledger.add(each, silent=False)
    carriers = [one.ledger.carrying(place_ms) for place_ms in (1, 100, 101, 200, 250, 301, 400, 401)]
    assert [each.seq if each else None for each in carriers] == [0, 0, 1, 1, None, 3, 3, None]
    one.cover(100)
    assert one.ledger.carrying(100) is None


def test_a_redelivery_of_what_only_an_unwritten_checkpoint_covers_is_kept():
    """Who follows a worker that dies before it is written must hear it."""
    one = intake()
    hold(one, chunk(0))
    one.cover(100)
    again = chunk(0, taken_at_ms=20_000)
    one.accept(again)
    assert one.deletable(-1) == []
    assert again in one.unacknowledged(-1)
    assert again in one.deletable(0)


def test_what_only_an_unwritten_checkpoint_covers_is_still_to_be_heard():
    """A worker that has lost its lease puts it back: whoever has the lease now begins where the written one ends."""
    one = intake()
    hold(one, chunk(0), chunk(1), chunk(2))
    one.cover(200)
    assert [each.seq for each in one.unsettled()] == [2]
    assert [each.seq for each in one.unacknowledged(0)] == [1, 2]
