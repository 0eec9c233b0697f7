"""What the terminal says of a deployment."""

import pytest

from sandbox.live.watching import told


@pytest.mark.parametrize(
    ("about", "line"),
    [
        (
            {"files": ["services/a/lambda/x.py"], "stacks": ["a-staging"], "tookMs": 812},
            "watching: services/a/lambda/x.py: deployed a-staging in 0.8 s",
        ),
        (
            {"files": ["a", "b", "c", "d", "e"], "stacks": ["one", "two"], "tookMs": 2_000},
            "watching: a, b, c and 2 more: deployed one, two in 2.0 s",
        ),
        ({"files": ["README.md"], "stacks": [], "tookMs": 5}, "watching: README.md: nothing of it is deployed"),
        (
            {"files": ["a"], "failed": "stack one: no"},
            "watching: a: stack one: no: what was deployed before goes on",
        ),
    ],
)
def test_one_line_for_each(about, line):
    """What changed, and what came of it."""
    assert told(about) == line
