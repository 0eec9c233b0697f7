"""The watcher of the definitions as a process of its own: what it deploys is told in the sandbox's terminal."""

import json
import os
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from sandbox.live.deploying import deployment
from sandbox.live.settings import FIRST_READY_WITHIN_S, SandboxSettings
from sandbox.processes import Child

FILES_NAMED = 3


async def watch(
    settings: SandboxSettings, endpoint_url: str, say: Callable[[str], None], in_force: Callable[[], Awaitable[None]]
) -> None:
    """Deploy what changes until cancelled. What is told to be deployed is `in_force` already. Raises
    ChildFailedError."""
    command = deployment(settings, endpoint_url).command("sandbox.deployment.watching")
    child = await Child.start(
        "the watcher", command, log=settings.state_dir / "watcher.log", environment=os.environ,
        ready_within_s=FIRST_READY_WITHIN_S,
    )  # fmt: skip
    try:
        say(f"watching: {settings.project / 'services'}")
        if "failed" in child.ready:
            say(told({"files": [], "failed": child.ready["failed"]}))
        async for line in child.lines():
            await in_force()
            say(told(json.loads(line)))
    finally:
        await child.stop()


def told(about: Mapping[str, Any]) -> str:
    """One deployment in one line for a person."""
    files = about["files"]
    more = len(files) - FILES_NAMED
    named = ", ".join(files[:FILES_NAMED]) + (f" and {more} more" if more > 0 else "") or "the definitions"
    if "failed" in about:
        return f"watching: {named}: {about['failed']}: what was deployed before goes on"
    if not about["stacks"]:
        return f"watching: {named}: nothing of it is deployed"
    return f"watching: {named}: deployed {', '.join(about['stacks'])} in {about['tookMs'] / 1000:.1f} s"
