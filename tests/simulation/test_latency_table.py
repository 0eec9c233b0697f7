"""The README's figures of how late words are come from the simulator, and are this version's."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
COMMAND = re.compile(r"`sandbox (sim --scenario steady [^`]*)`, milliseconds")
ROW = re.compile(r"^\|.*\(`(?P<name>[a-z_]+)`\) \| (?P<p50>[\d,-]+) \| (?P<p95>[\d,-]+) \|$", re.MULTILINE)


def shown(milliseconds: int | None) -> str:
    """A figure as the README has it."""
    return "-" if milliseconds is None else f"{milliseconds:,}"


@pytest.mark.skipif(sys.version_info[:2] != (3, 11), reason="runs are equal per minor version; the figures are 3.11's")
def test_the_table_of_the_readme_is_what_its_command_gives():
    """A change of the handlers that moves a percentile moves the README with it."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    command = COMMAND.search(readme)
    assert command is not None
    ended = subprocess.run(
        [sys.executable, "-m", "sandbox.cli", *command.group(1).split(), "--json"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    measured = json.loads(ended.stdout)["latency_ms"]
    written = {row["name"]: (row["p50"], row["p95"]) for row in ROW.finditer(readme)}
    assert len(written) == 5
    assert written == {name: (shown(measured[name]["p50"]), shown(measured[name]["p95"])) for name in written}
