"""What an alarm's change tells its topic: CloudWatch's document, member for member."""

import json

from sandbox.alarms.evaluation import Verdict
from sandbox.alarms.notice import subject, text
from sandbox.definitions.model import Alarm

ALARM = Alarm(
    name="errors", arn="arn:aws:cloudwatch:us-east-1:123456789012:alarm:errors", namespace="AWS/Lambda",
    metric="Errors", statistic="Average", comparison="GreaterThanOrEqualToThreshold", threshold=0.0, period_s=60,
    evaluation_periods=2, datapoints_to_alarm=1, description="too many",
    dimensions=(("FunctionName", "f"),), treat_missing="notBreaching",
    alarm_actions=("arn:aws:sns:us-east-1:123456789012:t",), updated_ms=1_607_054_100_123,
)  # fmt: skip
VERDICT = Verdict(state="ALARM", reason="Threshold Crossed: …")


def test_the_message_has_cloudwatchs_members_in_their_order():
    """C-10."""
    told = text(ALARM, "OK", VERDICT, account_id="123456789012", region="us-east-1", at_ms=1_607_054_221_659)
    assert list(json.loads(told).items()) == [
        ("AlarmName", "errors"),
        ("AlarmDescription", "too many"),
        ("AWSAccountId", "123456789012"),
        ("AlarmConfigurationUpdatedTimestamp", "2020-12-04T03:55:00.123+0000"),
        ("NewStateValue", "ALARM"),
        ("NewStateReason", "Threshold Crossed: …"),
        ("StateChangeTime", "2020-12-04T03:57:01.659+0000"),
        ("Region", "US East (N. Virginia)"),
        ("AlarmArn", ALARM.arn),
        ("OldStateValue", "OK"),
        ("OKActions", []),
        ("AlarmActions", ["arn:aws:sns:us-east-1:123456789012:t"]),
        ("InsufficientDataActions", []),
        (
            "Trigger",
            {
                "MetricName": "Errors",
                "Namespace": "AWS/Lambda",
                "StatisticType": "Statistic",
                "Statistic": "AVERAGE",
                "Unit": None,
                "Dimensions": [{"value": "f", "name": "FunctionName"}],
                "Period": 60,
                "EvaluationPeriods": 2,
                "DatapointsToAlarm": 1,
                "ComparisonOperator": "GreaterThanOrEqualToThreshold",
                "Threshold": 0.0,
                "TreatMissingData": "notBreaching",
                "EvaluateLowSampleCountPercentile": "",
            },
        ),
    ]


def test_the_subject_names_state_alarm_and_region():
    """C-10: cut at SNS's hundred characters."""
    assert subject(ALARM, "ALARM", region="us-east-1") == 'ALARM: "errors" in US East (N. Virginia)'
    long = Alarm(**{**ALARM.__dict__, "name": "n" * 120})
    assert len(subject(long, "OK", region="us-east-1")) == 100
