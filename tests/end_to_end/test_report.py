"""The deployment report of a running system, from what AWS's own operations answer."""

import json
import subprocess
import sys

import boto3
import pytest

pytestmark = pytest.mark.e2e

ALARM = "AudioQualityClippingAlarm-staging"


def report(sandbox) -> dict:
    command = [sys.executable, "-m", "sandbox.cli", "report", "--json", "--state-dir", str(sandbox.state_dir)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert ended.returncode == 0, ended.stderr
    document: dict = json.loads(ended.stdout)
    return document


def test_a_second_report_names_what_was_changed_since_the_first(sandbox_session):
    """An alarm's threshold, changed with CloudWatch's own operation; nothing else."""
    cloudwatch = boto3.client(
        "cloudwatch", endpoint_url=sandbox_session.state.endpointUrl, region_name="us-east-1", aws_access_key_id="x",
        aws_secret_access_key="x",
    )  # fmt: skip
    first = report(sandbox_session)
    (alarm,) = cloudwatch.describe_alarms(AlarmNames=[ALARM])["MetricAlarms"]
    names = (
        "AlarmName", "AlarmDescription", "MetricName", "Namespace", "Statistic", "Dimensions", "Period",
        "EvaluationPeriods", "DatapointsToAlarm", "ComparisonOperator", "TreatMissingData", "AlarmActions", "OKActions",
    )  # fmt: skip
    kept = {name: alarm[name] for name in names if name in alarm}
    cloudwatch.put_metric_alarm(**kept, Threshold=6.0)
    try:
        second = report(sandbox_session)
    finally:
        cloudwatch.put_metric_alarm(**kept, Threshold=alarm["Threshold"])
        cloudwatch.close()
    (change,) = second["changes"]
    assert change["name"] == f"alarm.{ALARM}"
    assert ("GreaterThanThreshold 5," in change["before"], "GreaterThanThreshold 6," in change["after"]) == (True, True)
    assert first["fingerprint"] == second["fingerprint"]
    assert second["summary"][0]["verdict"] == "complete"
    written = sandbox_session.state_dir / "reports"
    for form in ("md", "html"):
        (text,) = {
            path.read_text() for path in written.glob(f"*/report.{form}") if str(path.parent) == second["folder"]
        }
        for part in ("WebSocketAPIEndpoint", "audio-processor-staging", ALARM):
            assert part in text
