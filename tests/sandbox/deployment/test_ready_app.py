"""A process that waits for a program's next run gives what a process of its own gives, of what is there by then."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.deployment.errors import SynthesisError
from sandbox.deployment.ready_app import Program, ReadyApps
from sandbox.deployment.synth import App, find_apps, programs, synthesise, variables

PROJECT = Path(__file__).resolve().parents[3]
APP = """
import aws_cdk
from aws_cdk import aws_s3_assets
from shared_name import NAME

app = aws_cdk.App()
print(f"in {app.node.try_get_context('environment')}")
aws_s3_assets.Asset(aws_cdk.Stack(app, NAME), "Code", path="code")
app.synth()
"""


def contents(folder: Path) -> dict[str, bytes]:
    """The bytes of each file, by its place in the folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def app(tmp_path) -> App:
    """One stack, whose name is a module's and whose asset is a file."""
    folder = tmp_path / "services" / "talk" / "infrastructure"
    (folder / "code").mkdir(parents=True)
    (folder / "cdk.json").write_text('{"app": "python3 app.py"}')
    (folder / "app.py").write_text(APP)
    (folder / "shared_name.py").write_text('NAME = "First"\n')
    (folder / "code" / "one.txt").write_text("one")
    return App(name="talk", folder=folder)


def ran(ready: ReadyApps, program: Program, folder: Path) -> bool:
    """Whether a process that waits ran it, and well."""
    finished = ready.run(program, folder)
    return finished is not None and finished.returncode == 0


class Made:
    """Assemblies of one app, by the processes that are ready and by one of its own."""

    def __init__(self, app: App, tmp_path: Path) -> None:
        self._app = app
        self._folder = tmp_path / "made"
        self._folder.mkdir()
        (self._program,) = programs(tmp_path, "prod")
        self.ready = ReadyApps([self._program], variables(), self._folder)
        self.ready.renew()

    def by(self, name: str, ready: ReadyApps | None) -> dict[str, bytes]:
        """What a run gives, into the folder of this name."""
        folder = self._folder / name
        folder.mkdir()
        synthesise(self._app, folder, environment="prod", ready=ready)
        return contents(folder)

    def by_one_that_waits(self, name: str) -> dict[str, bytes]:
        """The same of a process that waits, and of none other."""
        folder = self._folder / name
        folder.mkdir()
        assert ran(self.ready, self._program, folder)
        return contents(folder)

    def waits(self) -> bool:
        """Whether a process of this app waits."""
        return any(self._folder.glob("app-*"))


@pytest.fixture
def made(app, tmp_path) -> Iterator[Made]:
    made = Made(app, tmp_path)
    yield made
    made.ready.end()


def test_the_projects_apps_come_out_as_from_a_process_of_their_own(tmp_path):
    app = next(one for one in find_apps(PROJECT / "services") if one.name == "translation-pipeline")
    program = next(one for one in programs(PROJECT, "prod") if one.folder == app.folder)
    ready = ReadyApps([program], variables(), tmp_path)
    ready.renew()
    folders = [tmp_path / name for name in ("ready", "own")]
    for folder in folders:
        folder.mkdir()
    assert ran(ready, program, folders[0])
    synthesise(app, folders[1], environment="prod")
    ready.end()
    assert contents(folders[0]) == contents(folders[1])


def test_each_run_sees_modules_and_assets_as_they_are_by_then(app, made):
    """What the runs before it loaded and hashed is forgotten."""
    assert "First.template.json" in made.by_one_that_waits("first")
    (app.folder / "shared_name.py").write_text('NAME = "Second stack"[:6]\n')
    (app.folder / "code" / "one.txt").write_text("two")
    second = made.by_one_that_waits("second")
    assert "Second.template.json" in second
    assert b"two" in second.values()
    assert second == made.by("own", None)


def test_a_run_that_fails_says_why_and_the_next_works(app, made):
    (app.folder / "app.py").write_text("raise SystemExit('expected a table')")
    with pytest.raises(SynthesisError, match="got: expected a table"):
        made.by("failed", made.ready)
    assert not made.waits()
    made.ready.renew()
    (app.folder / "app.py").write_text(APP)
    assert "First.template.json" in made.by("next", made.ready)


def test_an_app_without_a_process_runs_in_one_of_its_own(app, tmp_path):
    folder = tmp_path / "made"
    folder.mkdir()
    synthesise(app, folder, environment="prod", ready=ReadyApps([], variables(), tmp_path))
    assert "First.template.json" in contents(folder)


def test_one_that_was_ended_is_replaced(app, tmp_path):
    """A program that ends its process while nobody waits for it."""
    (app.folder / "app.py").write_text("import os; os._exit(3)")
    ready = ReadyApps(programs(tmp_path, "prod"), variables(), tmp_path)
    ready.renew()
    (app.folder / "app.py").write_text(APP)
    program = Program(folder=app.folder, name="app.py", context={})
    ready.run(program, tmp_path / "nowhere")
    ready.renew()
    folder = tmp_path / "made"
    folder.mkdir()
    assert ran(ready, program, folder)
    ready.end()
    assert "First.template.json" in contents(folder)


def test_one_that_is_never_asked_ends_and_leaves_nothing(app, tmp_path):
    """Whoever would have asked has ended."""
    folder = tmp_path / "app-1"
    folder.mkdir()
    ended = subprocess.run(
        [sys.executable, "-m", "sandbox.deployment.app_host", str(app.folder), "app.py"], stdin=subprocess.DEVNULL,
        env=os.environ | variables() | {"CDK_OUTDIR": str(folder / "out")}, check=False,
    )  # fmt: skip
    assert ended.returncode == 0
    assert not folder.exists()
