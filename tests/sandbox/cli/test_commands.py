"""Every command explains itself with an example; wrong usage is exit 2 with the next step."""

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sandbox.cli.app import app

ROOT = Path(__file__).resolve().parents[3]
COMMANDS = sorted(command.name or command.callback.__name__ for command in app.registered_commands)


def run(*arguments: str):
    return CliRunner().invoke(app, list(arguments))


@pytest.mark.parametrize("name", COMMANDS)
def test_help_has_an_example(name):
    """`sandbox NAME --help`."""
    shown = run(name, "--help")
    assert shown.exit_code == 0
    assert re.search(rf"Example: sandbox {name}\b", shown.output)


@pytest.mark.parametrize("name", COMMANDS)
def test_the_readme_names_every_command(name):
    """A command that nobody can find is none."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert re.search(rf"`(sandbox )?{name}\b", readme), name


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["status"], "found none: start one with 'sandbox up'"),
        (["down"], "found none: start one with 'sandbox up'"),
        (["up", "--backend", "cloud"], "expected --backend to be embedded, localstack or a URL, got cloud"),
        (["demo", "--sample", "nothing"], "expected one of austen-0870, austen-0880, austen-0890, got nothing"),
        (["demo", "--listen", "spanish"], "expected two-letter languages such as es,fr, got spanish"),
        (["demo", "--repeat", "0"], "expected to play the recordings at least once, got --repeat 0"),
        (["clock", "advance", "soon"], "expected a duration such as 90s, 100m or 2h, got soon"),
        (["clock", "stop"], "expected 'show' or 'advance DURATION', got stop"),
        (["invoke", "f", "{"], "expected a JSON document"),
    ],
)
def test_wrong_usage_is_exit_2_with_the_next_step(arguments, text, tmp_path):
    """One line that says what was expected and what came."""
    ended = run(*arguments, "--state-dir", str(tmp_path))
    assert ended.exit_code == 2
    assert text in ended.output
    assert "Traceback" not in ended.output
