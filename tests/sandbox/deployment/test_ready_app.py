"""A process that has CDK loaded before it is asked makes the assembly that a whole one makes, once."""

import os
import subprocess
import sys
from pathlib import Path

from sandbox.deployment.ready_app import ReadyApp, modules_of
from sandbox.deployment.synth import find_apps, synthesise, variables

PROJECT = Path(__file__).resolve().parents[3]


def contents(folder: Path) -> dict[str, bytes]:
    """The bytes of each file, by its place in the folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_it_makes_what_a_process_of_its_own_makes(tmp_path):
    """A real app: the context reaches it, and the folder that it writes to; the next has a process of its own again."""
    app = next(one for one in find_apps(PROJECT / "services") if one.name == "translation-pipeline")
    ready = ReadyApp(modules_of(PROJECT / "services"), variables(), tmp_path)
    ready.renew()
    made = [tmp_path / name for name in ("ready", "own")]
    for folder in made:
        folder.mkdir()
        synthesise(app, folder, environment="prod", ready=ready)
    assert contents(made[0]) == contents(made[1])
    assert ready.take() is None
    assert sorted(one.name for one in tmp_path.iterdir()) == ["own", "ready"]


def test_the_definitions_say_which_modules_they_need():
    assert {"aws_lambda", "aws_dynamodb", "aws_apigatewayv2"} <= set(modules_of(PROJECT / "services"))


def test_one_that_is_never_asked_ends_and_leaves_nothing(tmp_path):
    """Whoever would have asked has ended."""
    folder = tmp_path / "app-1"
    folder.mkdir()
    ended = subprocess.run(
        [sys.executable, "-m", "sandbox.deployment.app_host"], stdin=subprocess.DEVNULL, check=False,
        env=os.environ | {"CDK_OUTDIR": str(folder / "out")},
    )  # fmt: skip
    assert ended.returncode == 0
    assert not folder.exists()
