"""A table that does not answer is asked again within the invocation, for as long as there is time to deliver."""

import pytest
from botocore.exceptions import ClientError
from broadcast import connections
from translation_processor import claims, limits
from translation_processor.handler import handler
from translation_processor.patience import patiently

from tests.translation_pipeline.world import SEGMENT, Context, refusal


class Table:
    """Fails so many times, then answers."""

    def __init__(self, fails: int) -> None:
        self.left = fails
        self.asked = 0

    def __call__(self, *_: object, **__: object) -> str:
        self.asked += 1
        if self.left:
            self.left -= 1
            raise refusal("ThrottlingException")
        return "an answer"


def test_an_answer_that_comes_in_time_is_had(world):
    """After growing waits, none longer than the limit."""
    table = Table(limits.TRIES - 1)
    began_ms = world.now_ms
    assert patiently(table, until_ms=world.now_ms + 60_000) == "an answer"
    waits_s = [min(limits.FIRST_WAIT_S * 2**number, limits.LONGEST_WAIT_S) for number in range(limits.TRIES - 1)]
    assert sum(waits_s) / 2 <= (world.now_ms - began_ms) / 1_000 <= sum(waits_s)


@pytest.mark.parametrize(("time_ms", "asked"), [(60_000, limits.TRIES), (0, 1)])
def test_tries_are_bounded_by_their_number_and_by_the_time(world, time_ms, asked):
    """Then other work is due."""
    table = Table(100)
    with pytest.raises(ClientError):
        patiently(table, until_ms=world.now_ms + time_ms)
    assert table.asked == asked


def test_a_segment_waits_for_the_list_of_its_listeners(world, monkeypatch):
    """A minute sooner than Lambda's own retry."""
    world.listen("es")
    table = Table(2)
    listeners = world.listeners
    monkeypatch.setattr(connections, "listeners", lambda _: table() and listeners)
    handler(SEGMENT, Context())
    assert [to for to, _ in world.posted] == ["es-0"]


def test_posts_that_are_throttled_are_tried_again_and_nobody_is_posted_to_twice(world):
    """Each listener has the words within the invocation."""
    world.listen("es", "es", "fr")
    world.throttled = 4
    handler(SEGMENT, Context())
    assert sorted(to for to, _ in world.posted) == ["es-0", "es-1", "fr-2"]


def test_a_segment_whose_claim_cannot_be_had_is_left_to_the_events_retry(world, monkeypatch):
    """Nobody has it then, and the retry finds it free."""
    world.listen("es", "fr")
    with monkeypatch.context() as broken:
        broken.setattr(claims, "take", Table(limits.TRIES))
        with pytest.raises(ClientError):
            handler(SEGMENT, Context(remaining_ms=60_000))
    assert world.posted == []
    handler(SEGMENT, Context())
    assert sorted(to for to, _ in world.posted) == ["es-0", "fr-1"]
