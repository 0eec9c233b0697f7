"""The seven smoke tests against a running system that is known by its URL and a token alone, as one on AWS is."""

import json
import os
import subprocess
import sys

import pytest

from sandbox.smoke.steps import NAMES

pytestmark = pytest.mark.e2e


def smoke(state_dir, url: str, token: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "sandbox.cli", "smoke", "--url", url, "--state-dir", str(state_dir), "--json"]
    variables = os.environ | {"SANDBOX_SMOKE_TOKEN": token}
    return subprocess.run(command, capture_output=True, text=True, check=False, env=variables, timeout=180)


def test_a_system_that_works_passes_all_seven_and_keeps_the_evidence(sandbox_session, tmp_path):
    """With a reason and a time for each; what the record wants to be watched was emitted meanwhile."""
    run = sandbox_session.begin_run()
    ended = smoke(tmp_path, sandbox_session.url, sandbox_session.token("smoke"))
    assert ended.returncode == 0, ended.stderr
    result = json.loads(ended.stdout)
    assert [one["name"] for one in result["steps"]] == list(NAMES)
    assert result["passed"] and all(one["passed"] and one["tookMs"] >= 0 and one["reason"] for one in result["steps"])
    assert json.loads((tmp_path / "smoke.json").read_text()) == result
    assert "7 of 7 passed" in ended.stderr
    emitted = {event["name"] for event in sandbox_session.events(run) if event["kind"] == "metric"}
    assert emitted >= {
        "AudioChunksReceived", "AudioProcessingLatency", "TranscribeStreamInitLatency",
        "TranscriptionForwardingLatency", "EmotionExtractionLatency",
    }  # fmt: skip


def test_an_expired_token_fails_the_first_step_and_nothing_else_is_tried(sandbox_session, tmp_path):
    """Exit 1, the status and what it may mean; the token is nowhere."""
    token = sandbox_session.token("smoke-late", expires_in_s=-5)
    ended = smoke(tmp_path, sandbox_session.url, token)
    assert ended.returncode == 1
    first, *others = json.loads(ended.stdout)["steps"]
    assert first["passed"] is False
    assert "HTTP 401: is the token expired" in first["reason"]
    assert {one["passed"] for one in others} == {None}
    assert token not in ended.stdout + ended.stderr + (tmp_path / "smoke.json").read_text()
