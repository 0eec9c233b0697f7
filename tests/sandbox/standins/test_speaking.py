"""Words take their time, at the pace of each passage, and pauses are added."""

import pytest

from sandbox.standins.polly_ssml import Passage
from sandbox.standins.speaking import duration_ms, silence


@pytest.mark.parametrize(
    ("passages", "length_ms"),
    [
        ([Passage(text="one two three four")], 1_500),
        ([Passage(text="one two"), Passage(text=" three four", rate_percent=50)], 750 + 1_500),
        ([Passage(text="one"), Passage(text="", pause_ms=1_000), Passage(text="two")], 1_750),
        ([Passage(text="well - yes!")], 750),
        ([Passage(text="ok 世界")], 375 + 400),
        ([Passage(text="...")], 100),
        ([], 100),
    ],
)
def test_how_long_passages_take(passages, length_ms):
    """Marks without letters are not words; nothing to say takes a tenth of a second."""
    assert duration_ms(passages) == length_ms


def test_silence_is_two_zero_bytes_a_sample():
    assert silence(1_500, 16_000) == bytes(48_000)
