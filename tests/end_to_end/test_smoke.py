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


def test_a_segment_of_a_run_that_goes_on_is_traced_from_the_gateway_to_its_listeners(sandbox_session, tmp_path):
    """`sandbox trace` names every hop of it, in order, and nothing is left to guess; without a run's name it takes the
    latest."""
    run = sandbox_session.begin_run()
    assert smoke(tmp_path, sandbox_session.url, sandbox_session.token("smoke-traced")).returncode == 0
    command = [sys.executable, "-m", "sandbox.cli", "trace", "--state-dir", str(sandbox_session.state_dir)]
    ended = subprocess.run([*command, "--json"], capture_output=True, text=True, check=False, timeout=60)
    assert ended.returncode == 0, ended.stderr
    traced = json.loads(ended.stdout)
    assert traced["run"] == run.name
    first = traced["segments"][0]
    passed = [row["hop"] for row in first["hops"]]
    wanted = [
        "last chunk at the gateway", "ingest begins", "last chunk at Transcribe", "last word heard",
        "released by the core", "sent to translation", "translation begins", "posted to a listener", "translation ends",
    ]  # fmt: skip
    assert [hop for hop in passed if hop in wanted] == wanted, first
    assert first["gaps"] == []
    shown = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60).stdout
    assert f"{first['segmentId']}  {first['text']}" in shown

    nothing = subprocess.run([*command, "--segment", "no-such-1"], capture_output=True, text=True, check=False)
    assert nothing.returncode == 2
    assert f"expected a segment of run {run.name} ({first['segmentId']} to" in nothing.stderr


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
