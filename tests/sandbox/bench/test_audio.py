"""The cost of the audio's measures, by the product's own code."""

import json

import pytest
from typer.testing import CliRunner

from sandbox.bench.audio import LIMIT_PERCENT, BenchFailedError, audio_layer, costs
from sandbox.cli.app import app
from sandbox.live.settings import PROJECT

CACHE = PROJECT / ".cache"


def test_every_measure_is_listed_and_all_together_cost_less_than_2_percent_of_real_time():
    ended = CliRunner().invoke(app, ["bench", "audio", "--json"])
    assert ended.exit_code == 0, ended.output
    printed = json.loads(ended.output)
    measures = {row["measure"]: row for row in printed["measures"]}
    assert {"noise", "echo", "volume", "dynamics", "total"} <= set(measures)
    assert 0 < measures["total"]["percent"] < printed["limit_percent"] == LIMIT_PERCENT
    for row in measures.values():
        assert row["percent"] == pytest.approx(row["cpu_ms_per_s"] / 10, abs=0.001)


def test_the_table_has_a_line_for_each_measure():
    ended = CliRunner().invoke(app, ["bench", "audio"])
    assert ended.exit_code == 0, ended.output
    assert "percent of real time" in ended.output
    assert "total" in ended.output


def test_numpy_is_the_layers_own():
    assert (audio_layer(PROJECT, CACHE) / "numpy").is_dir()


def test_a_measurement_that_fails_says_so_in_its_own_words():
    with pytest.raises(BenchFailedError, match="expected at least 500 ms of 16-bit PCM"):
        costs(b"", project=PROJECT, cache_dir=CACHE)
