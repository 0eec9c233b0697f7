"""A listener drops repeats, orders by sequence, waits 3 s for a gap and applies corrections."""

from sandbox.client.transcript import GAP_IS_FINAL_MS, Transcript


def message(sequence: int, text: str = "hola", **more):
    return {"segmentId": f"s-{sequence}", "sequence": sequence, "text": text, "sourceText": f"w{sequence}", **more}


def test_a_repeated_segment_is_dropped_and_counted():
    """Delivery is at least once."""
    transcript = Transcript()
    assert transcript.receive(message(0), 0)
    assert not transcript.receive(message(0), 1)
    assert transcript.duplicates == 1
    assert transcript.source_text() == "w0"


def test_segments_are_presented_in_order_and_once():
    """Delivery may be out of order."""
    transcript = Transcript()
    transcript.receive(message(1), 0)
    assert transcript.presentable(0) == []
    transcript.receive(message(0), 1)
    assert [line.sequence for line in transcript.presentable(1)] == [0, 1]
    assert transcript.presentable(1) == []


def test_a_gap_is_final_after_three_seconds():
    """At the limit the listener goes on, one millisecond before it does not."""
    transcript = Transcript()
    transcript.receive(message(1), 0)
    assert transcript.presentable(GAP_IS_FINAL_MS - 1) == []
    assert [line.sequence for line in transcript.presentable(GAP_IS_FINAL_MS)] == [1]


def test_a_correction_replaces_its_segments_text_in_place():
    """A correction keeps the place of what it corrects."""
    transcript = Transcript()
    transcript.receive(message(0, "uno"), 0)
    transcript.receive(message(1, "dos"), 0)
    transcript.receive(message(2, "UNO", correctionOf="s-0"), 1)
    assert [line.text for line in transcript.lines()] == ["UNO", "dos"]
    assert transcript.corrections == 1
