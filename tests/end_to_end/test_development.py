"""A developer's day: what changes is deployed by itself, an error shows in the terminal alone, a debugger attaches."""

import contextlib
import json
import os
import socket
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import cattrs
import pytest
from websockets.sync.client import ClientConnection, connect

from sandbox.live.borrow import up_command
from sandbox.live.client import ask
from sandbox.live.settings import SandboxSettings
from sandbox.live.state import SandboxState
from tests.sandbox.preflight.broken_copy import ROOT, copied, replace

from .debug_adapter import Editor

pytestmark = [pytest.mark.e2e, pytest.mark.own_sandbox]
WITHIN_S = 180
GIVEN_UP_AFTER_S = 600
HEARTBEAT = "session-management/lambda/heartbeat_handler/handler.py"
DEBUGGED, REFRESH = "RefreshHandler-staging", "session-management/lambda/refresh_handler/handler.py"
CONFIG = "session-management/infrastructure/config/staging.json"


@dataclass(frozen=True, kw_only=True)
class Day:
    """A sandbox on a copy of the project, and its terminal."""

    project: Path
    state: SandboxState
    process: "subprocess.Popen[str]"
    debug_port: int

    def said(self, *words: str) -> str:
        """The next line in the terminal that has all these words."""
        assert self.process.stderr is not None
        seen = []
        for line in self.process.stderr:
            seen.append(line)
            if all(word in line for word in words):
                return line
        raise AssertionError(f"the sandbox ended: {''.join(seen)}")

    def client(self, service: str) -> Any:
        """A client of one of the sandbox's services."""
        return boto3.client(
            service, endpoint_url=self.state.endpointUrl, aws_access_key_id="test", aws_secret_access_key="test",
            region_name="us-east-1",
        )  # fmt: skip

    @contextlib.contextmanager
    def speaker(self, user: str) -> Iterator[ClientConnection]:
        token = ask(self.state, "POST", "token", {"user": user})["token"]
        with connect(f"{self.state.webSocketUrl}?token={token}") as connection:
            yield connection


@pytest.fixture(scope="module")
def day(tmp_path_factory) -> Iterator[Day]:
    project = copied(tmp_path_factory.mktemp("project"))
    (project / "audio_samples").symlink_to(ROOT / "audio_samples")
    twins = ROOT / ".cache" / "twins"
    twins.mkdir(parents=True, exist_ok=True)
    (project / ".cache" / "twins").symlink_to(twins)
    with socket.create_server(("127.0.0.1", 0)) as free:
        debug_port = free.getsockname()[1]
    settings = SandboxSettings(
        state_dir=tmp_path_factory.mktemp("state"), port=0, project=project, watch=True, debug=DEBUGGED,
        debug_port=debug_port,
    )  # fmt: skip
    process = subprocess.Popen(
        up_command(settings), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=dict(os.environ)
    )
    # Whatever does not come ends the sandbox, and with it the wait.
    giving_up = threading.Timer(GIVEN_UP_AFTER_S, process.kill)
    giving_up.start()
    assert process.stdout is not None
    assert process.stderr is not None
    try:
        line = process.stdout.readline()
        assert line, process.stderr.read()
        started = Day(
            project=project, state=cattrs.structure(json.loads(line), SandboxState), process=process,
            debug_port=debug_port,
        )  # fmt: skip
        started.said("watching:")
        yield started
    finally:
        giving_up.cancel()
        process.terminate()
        process.wait()
        process.stdout.close()
        process.stderr.close()


def test_an_error_is_in_the_terminal_with_its_place_and_nowhere_a_client_can_see_it(day):
    """The handler is broken and mended while the speaker stays connected."""
    with day.speaker("ada") as speaker:
        speaker.send('{"action": "heartbeat"}')
        assert json.loads(speaker.recv(timeout=WITHIN_S))["type"] == "heartbeatAck"

        marked = (day.project / "services" / HEARTBEAT).read_text()
        replace(
            day.project, HEARTBEAT, marked, f"{marked}\n\ndef handler(event, context):\n    raise OSError('inside')\n"
        )
        day.said("watching:", HEARTBEAT, "deployed SessionManagement-staging")
        speaker.send('{"action": "heartbeat"}')
        answer = json.loads(speaker.recv(timeout=WITHIN_S))
        assert answer.keys() == {"message", "connectionId", "requestId"}
        assert answer["message"] == "Internal server error"
        assert day.said("OSError") == "HeartbeatHandler-staging: OSError: inside\n"
        assert day.said("File").strip().startswith(f'File "{day.project / "services" / HEARTBEAT}", line ')

        (day.project / "services" / HEARTBEAT).write_text(marked)
        day.said("watching:", HEARTBEAT, "deployed SessionManagement-staging")
        speaker.send('{"action": "heartbeat"}')
        assert json.loads(speaker.recv(timeout=WITHIN_S))["type"] == "heartbeatAck"


def test_a_definition_is_synthesised_and_deployed_and_a_broken_one_changes_nothing(day):
    """A configured value reaches the function; what is no JSON is one line, and the system goes on."""
    replace(day.project, CONFIG, '"rateLimitHeartbeatsPerMin": 2', '"rateLimitHeartbeatsPerMin": 3')
    day.said("watching:", CONFIG, "deployed SessionManagement-staging")
    assert heartbeats_per_minute(day) == "3"

    replace(day.project, CONFIG, '"rateLimitHeartbeatsPerMin": 3', '"rateLimitHeartbeatsPerMin": ')
    line = day.said("watching:", CONFIG, "expected a JSON file at")
    assert line.endswith(": what was deployed before goes on\n")
    assert heartbeats_per_minute(day) == "3"

    replace(day.project, CONFIG, '"rateLimitHeartbeatsPerMin": ', '"rateLimitHeartbeatsPerMin": 4')
    day.said("watching:", CONFIG, "deployed SessionManagement-staging")
    assert heartbeats_per_minute(day) == "4"


def test_a_definition_that_all_apps_share_changes_the_stacks_of_all(day):
    shared = "cdk_common/functions.py"
    replace(day.project, shared, "RetentionDays.TWO_WEEKS", "RetentionDays.ONE_MONTH")
    line = day.said("watching:", shared, "deployed ")
    assert {"TranslationPipeline-staging", "audio-transcription-staging", "SessionManagement-staging"} <= {
        name.strip(",") for name in line.split()
    }
    logs = day.client("logs")
    kept = logs.describe_log_groups(logGroupNamePrefix="/aws/lambda/HeartbeatHandler-staging")["logGroups"]
    logs.close()
    assert [group["retentionInDays"] for group in kept] == [30]


def heartbeats_per_minute(day: Day) -> str:
    client = day.client("lambda")
    variables = client.get_function_configuration(FunctionName="HeartbeatHandler-staging")["Environment"]["Variables"]
    client.close()
    return str(variables["RATE_LIMIT_HEARTBEATS_PER_MIN"])


def test_a_debugger_attaches_before_the_handler_is_loaded(day):
    """The message waits in the environment, and is answered once the debugger lets it go on."""
    source = (day.project / "services" / REFRESH).read_text().splitlines()
    line = 1 + next(number for number, text in enumerate(source) if "return route.answer(" in text)
    with day.speaker("grace") as speaker:
        speaker.send('{"action": "refresh", "sessionId": "quiet-river-123"}')
        waiting = day.said(f"{DEBUGGED} waits for a debugger at 127.0.0.1:{day.debug_port}")
        code = waiting.strip().rpartition(" ")[2]
        with Editor(day.debug_port) as editor:
            editor.attach(f"{code}/refresh_handler/handler.py", line)
            assert editor.where() == "handler"
            editor.go_on()
        answer = json.loads(speaker.recv(timeout=WITHIN_S))
        assert (answer["type"], answer["code"]) == ("error", "SESSION_NOT_FOUND")
