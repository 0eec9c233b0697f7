"""Scenarios as functions from a seed to a plan."""

from dataclasses import replace

from sandbox.sim.scenarios import IN_TURN, SCENARIOS, Size, plan

SHORT = Size(speech_s=5)


def test_mixed_plays_the_others_in_turn():
    """What a seed finds is the same as under the other scenario's own name, and each has its turn."""
    for seed in range(len(IN_TURN)):
        name = IN_TURN[seed % len(IN_TURN)]
        mixed = plan("mixed", seed=seed, size=SHORT)
        size = replace(SHORT, chunk_ms=mixed.speakers[0].chunk_ms)
        assert mixed == plan(name, seed=seed, size=size)
    assert {*IN_TURN, "mixed", "two-hours"} == set(SCENARIOS)


def test_mixed_sends_the_usual_chunks_or_shorter_ones():
    """What a change of hands loses or repeats depends on where chunks end."""
    drawn = {plan("mixed", seed=seed, size=SHORT).speakers[0].chunk_ms for seed in range(20)}
    assert drawn == {200, 100}
    assert plan("steady", seed=1, size=SHORT).speakers[0].chunk_ms == 200
    assert plan("mixed", seed=1, size=replace(SHORT, chunk_ms=50)).speakers[0].chunk_ms == 50
