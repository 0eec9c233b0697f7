"""What is dropped and told while Transcribe takes no audio."""

from audio_processor import limits
from audio_processor.chunk import Chunk
from audio_processor.ledger import HeldChunk
from audio_processor.outage import Outage, OutageWatch

NOW = 1_700_000_000_000


def waiting(first: int, last: int, *, silent: bool = False) -> list[HeldChunk]:
    """Chunks of 100 ms by number."""
    return [
        HeldChunk(
            chunk=Chunk(
                seq=seq, audio=bytes(3_200), received_at_ms=NOW, message_id="m", receipt_handle="r", taken_at_ms=NOW
            ),
            start_byte=seq * 3_200,
            silent=silent,
        )
        for seq in range(first, last + 1)
    ]


def numbers(held: list[HeldChunk]) -> list[int]:
    return [one.chunk.seq for one in held]


def test_an_interruption_of_5_s_drops_nothing_and_after_it_5_s_are_kept():
    watch = OutageWatch(Outage())
    watch.waits(NOW)
    assert watch.overdue(waiting(0, 79), NOW + limits.BUFFER_MS - 1) == []
    assert numbers(watch.overdue(waiting(0, 79), NOW + limits.BUFFER_MS)) == list(range(30))
    assert watch.dropped == 30


def test_what_is_dropped_is_counted_once_and_what_was_muted_not_at_all():
    watch = OutageWatch(Outage())
    watch.waits(NOW)
    late_ms = NOW + limits.BUFFER_MS
    watch.overdue(waiting(0, 79), late_ms)
    watch.overdue(waiting(0, 80), late_ms)
    assert watch.dropped == 31
    watch.overdue(waiting(0, 90, silent=True), late_ms)
    assert watch.dropped == 31


def test_audio_that_is_taken_is_not_overdue_though_the_service_has_not_answered():
    watch = OutageWatch(Outage())
    watch.waits(NOW)
    watch.taken()
    assert watch.overdue(waiting(0, 79), NOW + 60_000) == []


def test_streams_that_open_and_fail_do_not_begin_the_5_s_anew_but_an_answer_does():
    watch = OutageWatch(Outage())
    watch.waits(NOW)
    watch.taken()
    watch.waits(NOW + 4_900)
    assert watch.overdue(waiting(0, 60), NOW + 5_000) != []
    watch.taken()
    watch.answered()
    watch.waits(NOW + 6_000)
    assert watch.overdue(waiting(0, 60), NOW + 10_999) == []


def test_the_speaker_is_told_once_and_of_the_recovery_only_when_it_was_told():
    watch = OutageWatch(Outage())
    watch.waits(NOW)
    watch.taken()
    assert watch.answered() is False
    watch.waits(NOW)
    assert [watch.to_tell(), watch.to_tell()] == [True, False]
    assert watch.answered() is False
    watch.taken()
    assert [watch.answered(), watch.answered()] == [True, False]


def test_a_successor_goes_on_where_its_predecessor_was():
    watch = OutageWatch(Outage())
    watch.waits(NOW)
    watch.to_tell()
    watch.overdue(waiting(0, 79), NOW + limits.BUFFER_MS)
    successor = OutageWatch(watch.state)
    successor.waits(NOW + 60_000)
    assert numbers(successor.overdue(waiting(30, 80), NOW + 60_000)) == [30]
    assert successor.dropped == 1
    assert successor.to_tell() is False
    successor.taken()
    assert successor.answered() is True


def test_a_worker_that_follows_one_which_died_begins_the_5_s_anew():
    """What it finds waited for a worker, not for Transcribe; the speaker was told, and what was counted stays so."""
    watch = OutageWatch(Outage(since_ms=NOW - 30_000, told=True, dropped_until_ms=1_000).after_a_crash())
    watch.waits(NOW)
    assert watch.overdue(waiting(0, 79), NOW + limits.BUFFER_MS - 1) == []
    watch.overdue(waiting(0, 79), NOW + limits.BUFFER_MS)
    assert watch.dropped == 20
    assert not watch.to_tell()
