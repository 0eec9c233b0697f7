"""The journal's view of the product's traffic is read from the messages themselves."""

import json

import pytest

from sandbox.live.observers import forwarded_segment, transcript_words


def test_a_translation_request_is_noted_without_what_it_does_not_need():
    """The callback address and anything else stays out of the journal."""
    payload = {
        "sessionId": "s", "segmentId": "s-0", "sequence": 0, "sourceText": "one", "releasedAtMs": 5, "startMs": 0,
        "endMs": 9, "isFinal": False, "callbackUrl": "https://x/prod", "correctionOf": None,
    }  # fmt: skip
    noted = forwarded_segment(json.dumps(payload).encode(), "r-1")
    assert noted == {
        "sessionId": "s", "segmentId": "s-0", "sequence": 0, "sourceText": "one", "releasedAtMs": 5, "startMs": 0,
        "endMs": 9, "isFinal": False, "requestId": "r-1",
    }  # fmt: skip


@pytest.mark.parametrize("payload", [b"{}", b'{"segmentId"', b'["segmentId"]', b'{"segmentId": "s"}'])
def test_other_invocations_are_not_segments(payload):
    """Anything that only resembles a segment is left alone."""
    assert forwarded_segment(payload, "r-1") is None


def test_words_of_a_result_leave_punctuation_out():
    """A word is stable when the service says so; without the flag it is not."""
    items = [
        {"Type": "pronunciation", "Content": "Good", "Stable": True},
        {"Type": "punctuation", "Content": ",", "Stable": True},
        {"Type": "pronunciation", "Content": "day"},
    ]
    assert transcript_words({"Alternatives": [{"Items": items}]}) == [["Good", True], ["day", False]]
