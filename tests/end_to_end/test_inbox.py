"""What is published to a deployed topic, by whatever client, is what whoever is on call received."""

import json
import subprocess
import sys

import boto3
import pytest

pytestmark = pytest.mark.e2e


def test_a_message_to_the_alarm_topic_reaches_the_inbox(sandbox_session):
    """Published with boto3 at the endpoint, shown by the command."""
    sns = boto3.client(
        "sns", endpoint_url=sandbox_session.state.endpointUrl, region_name="us-east-1", aws_access_key_id="x",
        aws_secret_access_key="x",
    )  # fmt: skip
    topic = sandbox_session.state.stacks["SessionManagement-staging"]["AlarmTopicArn"]
    sent = sns.publish(TopicArn=topic, Subject="wake up", Message="the system is down")
    with pytest.raises(sns.exceptions.NotFoundException):
        sns.publish(TopicArn=f"{topic}-unknown", Message="lost")
    sns.close()
    command = [sys.executable, "-m", "sandbox.cli", "inbox", "--json", "--state-dir", str(sandbox_session.state_dir)]
    shown = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    # Alarms tell the same topic of their own.
    (message,) = [one for one in shown if one["subject"] == "wake up"]
    assert message["topic_arn"] == topic
    assert (message["message_id"], message["subject"], message["text"]) == (
        sent["MessageId"], "wake up", "the system is down"
    )  # fmt: skip
