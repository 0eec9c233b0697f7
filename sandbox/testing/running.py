"""A sandbox in a process of its own, for as long as a `with` block."""

import contextlib
import json
import os
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cattrs

from sandbox import journal
from sandbox.live.backend import from_environment
from sandbox.live.borrow import up_command
from sandbox.live.client import ask
from sandbox.live.settings import SandboxSettings
from sandbox.live.state import SandboxState
from sandbox.permissions.guard import Mode
from sandbox.processes import stop

STOP_WITHIN_S = 10


@dataclass(frozen=True, kw_only=True)
class RunningSandbox:
    """A ready sandbox and what a test asks of it."""

    state: SandboxState
    state_dir: Path
    process: "subprocess.Popen[str]"

    @property
    def url(self) -> str:
        """The WebSocket API's address."""
        return self.state.webSocketUrl

    def token(
        self, user: str = "ada", *, kind: str = "id", expires_in_s: int = 3600, groups: Sequence[str] = ()
    ) -> str:
        """A JWT of the local user pool."""
        about = {"user": user, "kind": kind, "expiresInS": expires_in_s, "groups": list(groups)}
        answer = ask(self.state, "POST", "token", about)
        return str(answer["token"])

    def begin_run(self) -> Path:
        """Begin a run of the test's own; returns its folder."""
        return Path(ask(self.state, "POST", "runs", {})["folder"])

    def status(self) -> dict[str, Any]:
        """What runs now."""
        status: dict[str, Any] = ask(self.state, "GET", "status")
        return status

    def advance_clock(self, by_ms: int) -> None:
        """Move the sandbox's clock forward."""
        ask(self.state, "POST", "clock", {"advanceMs": by_ms})

    def expect(self, kind: str, *, count: int = 1, **fields: Any) -> list[journal.Event]:
        """The run's events of this kind with these fields, once there are so many; raises AssertionError when they do
        not come within 25 seconds."""
        found: list[journal.Event] = ask(
            self.state, "POST", "awaited", {"event": {"kind": kind, **fields}, "count": count}
        )["events"]
        if len(found) < count:
            raise AssertionError(f"expected {count} of {kind} with {fields} within 25 s, got {len(found)}")
        return found

    def events(self, folder: Path) -> list[journal.Event]:
        """The run's journal so far."""
        ask(self.state, "POST", "events", {"events": []})
        return journal.read(folder / "journal.jsonl")


@contextlib.contextmanager
def running(state_dir: Path, *, port: int = 0, empty: bool = False, iam: Mode = "enforce") -> Iterator[RunningSandbox]:
    """Start a sandbox, wait until it is ready, stop it in the end. Raises RuntimeError with its own last line.

    `empty` deploys nothing, `iam` says what is done with calls that roles do not allow. Its backend is what the
    variables SANDBOX_BACKEND and SANDBOX_DYNAMODB say; embedded without them.
    """
    settings = SandboxSettings(
        state_dir=state_dir, port=port, backend=from_environment(os.environ), empty=empty, iam=iam
    )
    state_dir.mkdir(parents=True, exist_ok=True)
    log = state_dir / "sandbox.log"
    with log.open("w") as errors:
        process = subprocess.Popen(
            up_command(settings), stdout=subprocess.PIPE, stderr=errors, text=True, env=dict(os.environ)
        )
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        if not line:
            process.wait()
            raise RuntimeError(f"expected a ready sandbox, got: {log.read_text().strip()}")
        state = cattrs.structure(json.loads(line), SandboxState)
        yield RunningSandbox(state=state, state_dir=state_dir, process=process)
    finally:
        stop(process, within_s=STOP_WITHIN_S)
        process.stdout.close()
