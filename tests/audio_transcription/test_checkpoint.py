"""A checkpoint survives its table."""

from audio_processor.checkpoint import Checkpoint, from_map
from broadcast.items import from_item, to_item
from broadcast.segments import SegmentRequest
from partial_results import Unsettled


def test_a_checkpoint_comes_back_from_dynamodb_as_it_was_written():
    segment = SegmentRequest(
        sessionId="calm-otter-123",
        segmentId="calm-otter-123-7",
        sequence=7,
        sourceLanguage="en",
        sourceText="Où est-ce ?",
        startMs=10,
        endMs=900,
        isFinal=True,
        releasedAtMs=1_700_000_000_000,
        stableAtMs=1_700_000_000_000,
        callbackUrl="https://api.example/prod",
    )
    checkpoint = Checkpoint(
        acked_seq=41,
        offset_byte=134_402,
        covered_until_ms=4_300,
        committed=((4_500, 5_000), (6_000, 7_000)),
        unsettled=(Unsettled(start_ms=4_300, end_ms=4_400, grown_ms=1_800_000_004_600),),
        next_sequence=8,
        outbox=(segment,),
        last_chunk_at_ms=5,
        last_sound_at_ms=4,
        orderly=True,
        heard_seq=49,
        given_up=((43, 43), (45, 47)),
    )
    assert from_map(from_item(to_item({"c": checkpoint.to_map()}))["c"]) == checkpoint


def test_the_first_checkpoint_of_a_session_starts_from_nothing():
    assert from_map(Checkpoint().to_map()) == Checkpoint()
