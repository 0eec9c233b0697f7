"""Every alarm of the record is raised by a real failure, ends, and is told; meanwhile its metrics are emitted."""

import json
import subprocess
import sys

import pytest

pytestmark = [pytest.mark.e2e, pytest.mark.own_sandbox]

RECORD = {
    "AudioChunksReceived", "AudioProcessingLatency", "TranscribeStreamInitLatency", "TranscriptionForwardingLatency",
    "EmotionExtractionLatency", "LambdaErrors", "TranscribeErrors",
}  # fmt: skip
WITHIN_S = 560


def sandbox(*arguments: str, state_dir) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "sandbox.cli", *arguments, "--json", "--state-dir", str(state_dir)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=WITHIN_S)


def test_all_fifteen_are_proven_and_the_records_metrics_are_observed(tmp_path):
    """One line an alarm, exit 0, and the evidence for the report; the metrics are of the same run."""
    ended = sandbox("alarms", "verify", state_dir=tmp_path)
    assert ended.returncode == 0, ended.stderr + ended.stdout
    alarms = json.loads(ended.stdout)["alarms"]
    assert len(alarms) == 15
    for alarm in alarms:
        assert alarm["proven"] and alarm["cause"] and len(alarm["messageIds"]) == 2, alarm
    assert json.loads((tmp_path / "alarms.json").read_text())["alarms"] == alarms
    metrics = json.loads(sandbox("metrics", state_dir=tmp_path / "alarms-verify").stdout)
    emitted = {one["name"] for one in metrics["metrics"] if one["count"]}
    assert emitted >= RECORD
    watched_by_alarms = {one["name"] for one in metrics["metrics"] if one["alarms"]}
    assert emitted >= watched_by_alarms
