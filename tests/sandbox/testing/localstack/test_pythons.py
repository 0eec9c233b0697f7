"""Which Python LocalStack runs on."""

import pytest

from sandbox.testing.localstack.pythons import choose


@pytest.mark.parametrize(
    ("found", "chosen"),
    [
        ([], None),
        ([("a", "3 11"), ("b", "")], None),
        ([("a", "3 12")], "a"),
        ([("a", "3 12"), ("b", "3 13")], "b"),
        ([("a", "3 13"), ("b", "3 13")], "a"),
        ([("a", "3 14")], None),
    ],
)
def test_the_newest_that_localstack_was_tried_on_is_taken(found, chosen):
    """3.13 before 3.12, the first of equals, and none that only might work; a pyenv shim may print nothing."""
    assert choose(found) == chosen
