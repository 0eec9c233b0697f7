"""`python -m sandbox.deployment.watching`: deploys again whatever changes, until it is told to end.

Prints one JSON line a deployment: `{"ready": true}` first, then `{"files": […], "stacks": […], "tookMs": N}` or
`{"files": […], "failed": "one line"}`, after which what was deployed before goes on.
"""

import json
import tempfile
import time
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from sandbox.deployment.assembly import StackArtifact
from sandbox.deployment.command import parsed
from sandbox.deployment.deploy import deploy, in_order
from sandbox.deployment.errors import DeploymentError
from sandbox.deployment.overlay import overlaid
from sandbox.deployment.ready_app import ReadyApps
from sandbox.deployment.sources import candidates, changed, is_code, origins, stamps
from sandbox.deployment.synth import programs, synthesise_all, variables

LOOK_EVERY_S = 0.2
AT_REST_S = 0.05
"""An editor writes a file in steps, and a checkout writes many: what changed is deployed once nothing changes."""


class Watched:
    """A project's stacks as they were synthesised last, and as they are deployed."""

    def __init__(
        self,
        project: Path,
        *,
        synthesise: Callable[[Collection[str] | None], dict[str, Path]],
        read: Callable[[dict[str, Path]], list[StackArtifact]],
        deploy: Callable[[list[StackArtifact]], object],
    ) -> None:
        """`synthesise` gives assemblies by app, of all or of some; `read` gives their stacks in the order to deploy."""
        self._services = project / "services"
        self._synthesise = synthesise
        self._read = read
        self._deploy = deploy
        self._known = candidates(project)
        self._assemblies: dict[str, Path] = {}
        self._stacks: list[StackArtifact] = []
        self._deployed: dict[str, str] = {}

    def begin(self) -> None:
        """Deploy what is there. Raises DeploymentError."""
        self._again(None)
        self._bring(self._stacks)

    def follow(self, files: Sequence[Path]) -> list[str]:
        """Deploy what these files change; the stacks that were. Raises DeploymentError, and nothing is changed then."""
        definitions = [path for path in files if not is_code(path, self._known)]
        if definitions:
            self._again(self._apps(definitions))
        with tempfile.TemporaryDirectory() as folder:
            return self._bring(overlaid(self._stacks, self._origins, Path(folder)))

    def _apps(self, definitions: Sequence[Path]) -> set[str] | None:
        """The apps whose definitions these are; None for all, when one may be of any."""
        apps = set()
        for path in definitions:
            app = path.relative_to(self._services).parts[0] if path.is_relative_to(self._services) else ""
            if not path.is_relative_to(self._services / app / "infrastructure"):
                return None
            apps.add(app)
        return apps

    def _again(self, apps: Collection[str] | None) -> None:
        self._assemblies |= self._synthesise(apps)
        self._stacks = self._read(self._assemblies)
        self._origins = origins(self._stacks, self._known)

    def _bring(self, stacks: Sequence[StackArtifact]) -> list[str]:
        bodies = {stack.name: stack.template.read_text() for stack in stacks}
        wanted = [stack for stack in stacks if self._deployed.get(stack.name) != bodies[stack.name]]
        for stack in wanted:
            # One that fails is rolled back, and is tried again with the next change.
            self._deployed.pop(stack.name, None)
            self._deploy([stack])
            self._deployed[stack.name] = bodies[stack.name]
        return [stack.name for stack in wanted]


def main() -> None:
    asked = parsed(__doc__)
    session = asked.session()
    asked.cache_dir.mkdir(parents=True, exist_ok=True)
    ready = ReadyApps(programs(asked.project, asked.environment), variables(), asked.cache_dir)
    watched = Watched(
        asked.project,
        synthesise=lambda apps: synthesise_all(
            asked.project, environment=asked.environment, cache_dir=asked.cache_dir, only=apps, ready=ready
        ),
        read=lambda assemblies: in_order(assemblies, account_id=asked.account_id, region=asked.region),
        deploy=lambda stacks: deploy(session, asked.endpoint_url, stacks),
    )
    _watch(watched, asked.project, ready)


def _watch(watched: Watched, project: Path, ready: ReadyApps) -> None:
    seen = stamps(project)
    try:
        watched.begin()
    except (DeploymentError, BotoCoreError, ClientError) as error:
        _say({"ready": True, "failed": str(error)})
    else:
        _say({"ready": True})
    while True:
        ready.renew()
        time.sleep(LOOK_EVERY_S)
        now = stamps(project)
        if now == seen:
            continue
        began = time.monotonic()
        now = _at_rest(project, now)
        files, seen = changed(seen, now), now
        about: dict[str, Any] = {"files": [path.relative_to(project).as_posix() for path in files]}
        try:
            about["stacks"] = watched.follow(files)
            about["tookMs"] = round((time.monotonic() - began) * 1000)
        except (DeploymentError, BotoCoreError, ClientError, OSError) as error:
            about["failed"] = str(error)
        _say(about)


def _at_rest(project: Path, now: dict[Path, Any]) -> dict[Path, Any]:
    while True:
        time.sleep(AT_REST_S)
        before, now = now, stamps(project)
        if now == before:
            return now


def _say(about: dict[str, Any]) -> None:
    print(json.dumps(about), flush=True)


if __name__ == "__main__":
    main()
