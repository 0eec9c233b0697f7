"""A function's embedded-metric lines become data points; other lines do not."""

import json

import pytest

from sandbox.metrics.emf import Datum, read


def line(**values) -> str:
    directive = {
        "Namespace": "AudioTranscription",
        "Dimensions": [["service"]],
        "Metrics": [{"Name": "AudioChunksReceived", "Unit": "Count"}],
    }
    return json.dumps({"_aws": {"Timestamp": 5, "CloudWatchMetrics": [directive]}, "service": "audio", **values})


def test_values_take_unit_and_dimensions_from_the_directive():
    """C-12: the targets are on the root node; a list is several values."""
    assert read(line(AudioChunksReceived=[1, 1, 3.0])) == [
        Datum(
            namespace="AudioTranscription",
            name="AudioChunksReceived",
            unit="Count",
            dimensions=(("service", "audio"),),
            values=(1.0, 1.0, 3.0),
            timestamp_ms=5,
        )
    ]


def test_lambdas_own_prefix_is_tolerated():
    """C-12: a line that begins with the log prefix is read from its brace."""
    assert len(read("[INFO]\t2026-11-23T16:00:00.000Z\tid\t" + line(AudioChunksReceived=1))) == 1


@pytest.mark.parametrize("text", ["hello", '{"_aws": 1}', '{"_aws"', line(), line(AudioChunksReceived="many")])
def test_other_lines_are_not_metrics(text):
    """C-12: a log line that only resembles the format yields nothing and raises nothing."""
    assert read(text) == []
