"""A claim is a lease until it is done: nobody posts twice at once, and nobody's crash loses a segment."""

import pytest
from translation_processor import claims
from translation_processor.claims import Attempt


def attempt(world, owner: str, remaining_ms: int = 20_000) -> Attempt:
    return Attempt(owner=owner, ends_at_ms=world.now_ms + remaining_ms)


def test_the_first_who_asks_has_it(world):
    """Another invocation leaves it alone, this segment only."""
    assert claims.take("s-0", attempt(world, "a")) == frozenset()
    assert claims.take("s-0", attempt(world, "b", 30_000)) is None
    assert claims.take("s-1", attempt(world, "b")) == frozenset()


@pytest.mark.parametrize(("waited_ms", "taken"), [(19_999, False), (20_000, True)])
def test_a_lease_ends_with_its_invocation(world, waited_ms, taken):
    """Not a millisecond before."""
    claims.take("s-0", attempt(world, "a"))
    world.now_ms += waited_ms
    assert (claims.take("s-0", attempt(world, "a")) is not None) is taken


def test_what_is_done_stays_done(world):
    """Even long after the lease, and whoever did what."""
    claims.take("s-0", attempt(world, "a"))
    claims.done("s-0", ["es"])
    world.now_ms += 10_000_000
    assert claims.take("s-0", attempt(world, "b")) == frozenset({"es"})
    claims.done("s-0", ["fr", "it"])
    world.now_ms += 10_000_000
    assert claims.take("s-0", attempt(world, "c")) == frozenset({"es", "fr", "it"})


def test_what_is_given_back_is_free_at_once(world):
    """The event's retry need not wait."""
    mine = attempt(world, "a")
    claims.take("s-0", mine)
    claims.give_back("s-0", mine)
    assert claims.take("s-0", attempt(world, "b")) == frozenset()


def test_nobody_gives_back_anothers_lease(world):
    """A slow attempt that lost its lease changes nothing."""
    slow = attempt(world, "a", 0)
    claims.take("s-0", slow)
    claims.take("s-0", attempt(world, "b"))
    claims.give_back("s-0", slow)
    assert claims.take("s-0", attempt(world, "c")) is None


def test_the_clients_own_retry_of_a_taken_claim_has_it(world):
    """The write whose answer was lost is made again by the SDK, by the same attempt."""
    mine = attempt(world, "a")
    assert claims.take("s-0", mine) == frozenset()
    assert claims.take("s-0", mine) == frozenset()
