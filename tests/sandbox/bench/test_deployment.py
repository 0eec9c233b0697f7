"""Which figures of deployments are beyond what is promised, and what counts as the project's own code."""

import os
import subprocess
import sys

import pytest

from sandbox.bench.deployment.run import beyond
from sandbox.bench.deployment.start import SAMPLING

GOOD = {"ready_s": 8.0, "own_s": 2.0, "cdk_first_s": 24.0, "cdk_again_s": 20.0, "cdk_ratio": 1.2}
BUSY = """
import glob, os
def busy():
    while True:
        for name in os.listdir(os.environ["SANDBOX_SAMPLES"]):
            if name == str(os.getpid()):
                return
        for _ in range(100_000):
            pass
"""
"""Works until its process has been sampled for a while."""


def test_figures_at_their_limits_are_kept():
    """Seconds that have no limit of their own are only shown."""
    assert beyond(GOOD | {"cdk_first_s": 500.0}) == []


@pytest.mark.parametrize(("name", "value"), [("ready_s", 8.1), ("own_s", 2.1), ("cdk_ratio", 1.201)])
def test_a_figure_past_its_limit_is_one_line(name, value):
    """Named, with its limit."""
    (line,) = beyond(GOOD | {name: value})
    assert line == f"expected {name} to be at most {GOOD[name]}, got {value}"


@pytest.mark.parametrize(("package", "counts"), [("sandbox", True), ("library", False)])
def test_what_runs_in_a_package_of_the_project_counts_as_its_own(tmp_path, package, counts):
    """Whatever started it."""
    samples = tmp_path / "samples"
    samples.mkdir()
    (tmp_path / package).mkdir()
    (tmp_path / package / "__init__.py").touch()
    (tmp_path / package / "work.py").write_text(BUSY)
    variables = os.environ | {
        "PYTHONPATH": f"{SAMPLING}{os.pathsep}{tmp_path}", "SANDBOX_SAMPLES": str(samples),
        "SANDBOX_SAMPLED_PROJECT": str(tmp_path),
    }  # fmt: skip
    program = f"from {package}.work import busy; busy()"
    subprocess.run([sys.executable, "-c", program], env=variables, check=True, timeout=60, cwd=tmp_path)
    (written,) = (file for file in samples.iterdir() if file.suffix != ".part")
    own_s, whole_s = map(float, written.read_text().split())
    assert (own_s > 0) is counts
    assert 0 <= own_s <= whole_s
