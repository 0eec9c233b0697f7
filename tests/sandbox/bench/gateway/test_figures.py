"""Ratios are of one repetition with its neighbour's, against the peer that is best in the row, and promises are kept at
their limit."""

import pytest

from sandbox.bench.gateway import show
from sandbox.bench.gateway.figures import beyond, lateness, rows


def figures(p50: float, per_s: float = 100.0, storm: float = 500.0, first: float = 1.0) -> dict:
    return {
        "returned": {"p50_ms": p50, "p99_ms": p50}, "pipelined": {"per_s": per_s, "errors": 0, "environments": 8},
        "storm": {"per_s": storm, "opened": 500}, "storm_pss_mib": 300, "first_reply_s": first,
    }  # fmt: skip


def row(results: dict, name: str):
    (found,) = [one for one in rows(results) if one.figure.name.startswith(name)]
    return found


def test_the_best_peer_of_a_row_is_the_one_with_the_best_median():
    results = {"sandbox": [figures(4.0)], "ministack": [figures(56.0)], "serverless-offline": [figures(5.0)]}
    found = row(results, "request/reply, returned body: median")
    assert (found.against, found.ratio, found.kept) == ("serverless-offline", 0.8, True)


def test_a_rate_is_best_where_it_is_highest():
    results = {"sandbox": [figures(1, per_s=200)], "ministack": [figures(1, per_s=100)], "other": [figures(1, per_s=5)]}
    found = row(results, "pipelined messages: replies")
    assert (found.against, found.ratio, found.kept) == ("ministack", 2.0, True)


def test_some_rows_are_held_against_one_peer_alone():
    results = {
        "sandbox": [figures(1, storm=87)],
        "ministack": [figures(1, storm=17.5)],
        "other": [figures(1, storm=90)],
    }
    found = row(results, "handshakes at once: connections")
    assert (found.against, found.kept) == ("ministack", False)


def test_the_median_of_the_ratios_counts_and_not_the_ratio_of_the_medians():
    results = {"sandbox": [figures(p) for p in (1, 2, 9)], "ministack": [figures(p) for p in (2, 4, 9)]}
    assert row(results, "request/reply, returned body: median").ratio == 0.5


@pytest.mark.parametrize(("p50", "kept"), [(4.5, True), (4.51, False)])
def test_a_promise_is_kept_at_its_limit(p50, kept):
    results = {"sandbox": [figures(p50)], "serverless-offline": [figures(5.0)]}
    found = row(results, "request/reply, returned body: median")
    assert found.kept is kept
    assert (beyond(results, [found], crowd=500) == []) is kept


def test_without_peers_there_are_figures_and_no_ratios():
    results = {"sandbox": [figures(4.0)]}
    assert {one.ratio for one in rows(results)} == {None}
    assert beyond(results, rows(results), crowd=500) == []


def test_what_a_peer_cannot_do_is_no_comparison():
    """A row that it was not measured in has no value of it, and somebody else is the best."""
    results = {"sandbox": [figures(4.0)], "ministack": [figures(56.0)], "architect": [{"first_reply_s": 1.0}]}
    found = row(results, "request/reply, returned body: median")
    assert (found.against, "architect" in found.medians) == ("ministack", False)


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"pipelined": {"per_s": 1, "errors": 1}}, "expected no error, got 1"),
        ({"storm": {"per_s": 1, "opened": 499}}, "expected 500 open, got 499"),
        ({"storm_pss_mib": 601}, "at most 600 MiB, got 601"),
        ({"fan_out": {"failed": "OSError: gone"}}, "fan_out: OSError: gone"),
    ],
)
def test_what_is_not_a_ratio_has_its_own_line(changed, named):
    results = {"sandbox": [figures(1.0) | changed]}
    assert any(named in line for line in beyond(results, [], crowd=500))


def test_the_99th_of_a_hundred_is_the_greatest_but_one():
    late = lateness([number / 1000 for number in range(1, 101)])
    assert late == {"p50_ms": 50.5, "p99_ms": 99.0}
    assert lateness([]) == {}


def test_the_readmes_table_says_whom_a_ratio_is_of_and_what_was_promised():
    results = {"sandbox": [figures(4.0)], "serverless-offline": [figures(5.0)]}
    lines = show.markdown(rows(results), ("sandbox", "serverless-offline")).splitlines()
    assert lines[0] == "| figure | sandbox | serverless-offline | ratio | promised |"
    (found,) = [line for line in lines if "returned body: median" in line]
    assert found.endswith("| 4 | 5 | 0.80 of serverless-offline | ≤ 0.9 |")
