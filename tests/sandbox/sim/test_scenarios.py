"""Scenarios as functions from a seed to a plan."""

from sandbox.sim.scenarios import IN_TURN, SCENARIOS, Size, plan

SHORT = Size(speech_s=5)


def test_mixed_plays_the_others_in_turn():
    """What a seed finds is the same as under the other scenario's own name, and each has its turn."""
    for seed in range(len(IN_TURN)):
        name = IN_TURN[seed % len(IN_TURN)]
        assert plan("mixed", seed=seed, size=SHORT) == plan(name, seed=seed, size=SHORT)
    assert {*IN_TURN, "mixed", "two-hours"} == set(SCENARIOS)
