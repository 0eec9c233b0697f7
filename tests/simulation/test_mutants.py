"""Bugs that a careful person might write are found by a sweep of few seeds; `mutants/` has them."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.simulation import mutation
from tests.simulation.mutation import Mutant

ROOT = Path(__file__).resolve().parents[2]
MOST_SEEDS = 200
"""A sweep of at most so many must find each."""


@pytest.mark.parametrize("mutant", mutation.every(), ids=lambda mutant: mutant.name)
def test_the_bug_is_found(mutant: Mutant, tmp_path):
    """The sweep ends with a failure of an invariant that the bug may break; the handlers themselves pass that seed."""
    first, _, last = mutant.seeds.partition("..")
    assert int(last) - int(first) < MOST_SEEDS
    ended = _sim(*mutant.order, "--seeds", mutant.seeds, "--fail-fast", *mutant.overrides(tmp_path))
    assert ended.returncode in (1, 4), ended.stderr
    failed = json.loads(ended.stdout)[-1]
    broken = {name for name, found in failed["invariants"].items() if found != "held"}
    assert broken & set(mutant.breaks), failed["invariants"]
    whole = _sim(*mutant.order, "--seed", str(failed["seed"]))
    assert whole.returncode == 0, whole.stdout


def _sim(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "sandbox.cli", "sim", *words, "--json"]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
