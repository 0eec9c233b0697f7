"""What of an audience's change is worth a message."""

import pytest
from broadcast.status import reason_to_tell


@pytest.mark.parametrize(
    ("told", "count", "reason"),
    [(0, 0, None), (0, 1, "listenerCountChange"), (10, 11, None), (10, 12, "listenerCountChange"),
     (10, 9, None), (10, 8, "listenerCountChange"), (1, 0, "listenerCountChange")],
)  # fmt: skip
def test_more_than_a_tenth_of_the_listeners_is(told, count, reason):
    """Exactly a tenth is not."""
    assert reason_to_tell(told_count=told, told_languages=["es"], count=count, languages=["es"]) == reason


def test_a_new_language_is_and_one_that_is_gone_is_not():
    """With a change of the count too it is the reason given, so that both are one message."""
    assert reason_to_tell(told_count=10, told_languages=["es"], count=20, languages=["es", "fr"]) == "newLanguage"
    assert reason_to_tell(told_count=10, told_languages=["es", "fr"], count=10, languages=["es"]) is None
