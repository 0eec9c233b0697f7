"""The core beats the other ways to forward partial results: nothing twice, nothing missing, far earlier than finals."""

import json

import pytest
from typer.testing import CliRunner

from sandbox.cli.app import app

CORE = "stable prefix (ours)"


def rows(level: str) -> dict:
    ended = CliRunner().invoke(app, ["policies", "--level", level, "--seeds", "6", "--json"])
    assert ended.exit_code == 0, ended.output
    return {row["policy"]: row for row in json.loads(ended.output)}


@pytest.mark.parametrize("level", ["high", "medium", "low", "none"])
def test_the_core_says_every_word_once_and_sooner_than_finals(level):
    """At every level of stabilisation, and without any."""
    compared = rows(level)
    core, finals = compared[CORE], compared["finals only"]
    assert (core["duplicated"], core["omitted"], core["wrong"]) == (0, 0, 0)
    assert core["p50_ms"] < finals["p50_ms"]
    assert core["words_per_segment"] >= 3


def test_at_high_half_the_words_leave_in_less_than_two_thirds_of_the_finals_time():
    """The lateness that the product is about."""
    compared = rows("high")
    assert compared[CORE]["p50_ms"] <= 0.66 * compared["finals only"]["p50_ms"]


def test_the_rule_that_this_replaces_is_no_sooner_than_finals_or_repeats_itself():
    """Sentence ends come with the final, or are spurious."""
    compared = rows("high")
    rule, finals = compared["score at sentence end"], compared["finals only"]
    assert rule["duplicated"] > 0 or rule["p50_ms"] >= finals["p50_ms"]


def test_the_oracle_is_the_earliest_that_is_right():
    """Nobody who says nothing twice or wrong is earlier."""
    compared = rows("high")
    assert all(
        compared["oracle"]["mean_ms"] <= row["mean_ms"]
        for row in compared.values()
        if row["duplicated"] == row["wrong"] == row["omitted"] == 0
    )
