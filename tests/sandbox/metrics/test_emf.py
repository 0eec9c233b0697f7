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


def directive(**more) -> dict:
    return {"Namespace": "N", "Dimensions": [[]], "Metrics": [{"Name": "m"}], **more}


@pytest.mark.parametrize(("metric", "resolution_s"), [({"StorageResolution": 1}, 1), ({"StorageResolution": 60}, 60),
                                                      ({}, 60)])  # fmt: skip
def test_a_metric_says_its_resolution(metric, resolution_s):
    """C-05: a minute, where it does not."""
    (datum,) = read(document([directive(Metrics=[{"Name": "m", **metric}])]))
    assert datum.resolution_s == resolution_s


def document(given, **targets) -> str:
    return json.dumps({"_aws": {"Timestamp": 5, "CloudWatchMetrics": given}, "m": 1, **targets})


@pytest.mark.parametrize(
    ("given", "targets", "count"),
    [
        ([directive()], {}, 1),
        ([directive(Metrics=[{"Name": "m"}] * 100)], {}, 100),
        ([directive(Metrics=[{"Name": "m"}] * 101)], {}, 0),
        ([directive(Dimensions=[[f"d{number}" for number in range(30)]])], {f"d{n}": "v" for n in range(30)}, 1),
        ([directive(Dimensions=[[f"d{number}" for number in range(31)]])], {f"d{n}": "v" for n in range(31)}, 0),
        ([directive()], {"m": [1] * 100}, 1),
        ([directive()], {"m": [1] * 101}, 0),
        ([directive(Dimensions=[["gone"], []])], {}, 1),
        ([directive(Dimensions=[["inner"]])], {"inner": {"a": "b"}}, 0),
        ([directive(Metrics=[{"Name": "m", "StorageResolution": 1}, {"Unit": "Count"}, "m"])], {}, 1),
        ([directive(Metrics=[{"Name": "deep.m"}])], {"deep": {"m": 1}}, 0),
        ([{"Dimensions": [[]], "Metrics": [{"Name": "m"}]}], {}, 0),
        ([{"Namespace": "N", "Metrics": [{"Name": "m"}]}], {}, 0),
        ([directive(Metrics={"Name": "m"})], {}, 0),
        ("directive", {}, 0),
        (["directive", directive()], {}, 1),
    ],
)
def test_what_the_specification_does_not_allow_is_no_metric(given, targets, count):
    """C-12: at each limit and one past it; what is wrong with one directive says nothing of another."""
    assert len(read(document(given, **targets))) == count


def test_a_document_has_256_kilobytes_at_most():
    """C-12: with all that is logged in it."""
    empty = len(document([directive()], note="").encode())
    most = 256 * 1024
    assert len(read(document([directive()], note="x" * (most - empty)))) == 1
    assert read(document([directive()], note="x" * (most - empty + 1))) == []
