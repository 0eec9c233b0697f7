"""What is run on another backend: tests that have a sandbox of their own never beside others."""

import sys

from sandbox.live.settings import PROJECT
from sandbox.testing.on_backend import TESTS, commands


def test_without_arguments_sandboxes_of_their_own_come_in_a_run_of_their_own():
    """Together the two runs are all of the tests."""
    pytest = [sys.executable, "-m", "pytest", "-m"]
    assert commands([]) == [[*pytest, "not own_sandbox", *TESTS], [*pytest, "own_sandbox", *TESTS]]


def test_arguments_are_pytest_s_and_what_follows_two_dashes_is_a_command():
    """One run."""
    assert commands(["-k", "x"]) == [[sys.executable, "-m", "pytest", "-k", "x"]]
    assert commands(["--", "sandbox", "demo"]) == [["sandbox", "demo"]]


def test_every_test_that_is_chosen_is_there():
    """A file that is renamed is not left out."""
    assert [one for one in TESTS if not (PROJECT / one).exists()] == []
