"""A short sweep: the handlers keep their promises under every fault, and so do the seeds that once found one broken."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from sandbox.sim.scenarios import SCENARIOS

ROOT = Path(__file__).resolve().parents[2]
REGRESSIONS: dict[str, str] = tomllib.loads((Path(__file__).parent / "regressions.toml").read_text(encoding="utf-8"))
LONG = {"mixed", "two-hours"}
"""Those that take minutes, and the one that plays the others."""


@pytest.mark.parametrize("scenario", sorted(SCENARIOS.keys() - LONG))
def test_a_scenario_holds_under_every_fault(scenario: str):
    """For a few seeds; `docs/simulator.md` has the nightly sweep."""
    holds("--scenario", scenario, "--seeds", "1..3", "--speech", "15", "--faults", "all", "--fail-fast")


@pytest.mark.parametrize("name", REGRESSIONS)
def test_what_was_broken_holds(name: str):
    holds(*REGRESSIONS[name].split())


def holds(*order: str) -> None:
    """Run it; what fails shows the command that repeats it, as its last line."""
    command = [sys.executable, "-m", "sandbox.cli", "sim", *order]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, f"{ended.stderr}\n{ended.stdout}"
