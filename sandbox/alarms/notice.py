"""What an alarm's change of state publishes to a topic (C-10). Pure."""

import json
from datetime import UTC, datetime
from typing import Any

from sandbox.alarms.evaluation import State, Verdict
from sandbox.definitions.model import Alarm

REGION_NAMES = {"us-east-1": "US East (N. Virginia)"}
"""AWS general reference, "AWS service endpoints"; another Region is shown by its code."""

SUBJECT_CHARACTERS = 100
"""Amazon SNS API reference, Publish: the longest subject."""

_STATISTICS = {"SampleCount": "SAMPLE_COUNT", "Average": "AVERAGE", "Sum": "SUM", "Minimum": "MINIMUM",
               "Maximum": "MAXIMUM"}  # fmt: skip


def subject(alarm: Alarm, state: State, *, region: str) -> str:
    """`ALARM: "name" in US East (N. Virginia)`."""
    return f'{state}: "{alarm.name}" in {REGION_NAMES.get(region, region)}'[:SUBJECT_CHARACTERS]


def text(alarm: Alarm, old: State, verdict: Verdict, *, account_id: str, region: str, at_ms: int) -> str:
    """The message, a JSON document."""
    trigger: dict[str, Any] = {
        "MetricName": alarm.metric,
        "Namespace": alarm.namespace,
        "StatisticType": "ExtendedStatistic" if alarm.statistic.startswith("p") else "Statistic",
        "Statistic": _STATISTICS.get(alarm.statistic, alarm.statistic),
        "Unit": alarm.unit,
        "Dimensions": [{"value": value, "name": name} for name, value in alarm.dimensions],
        "Period": alarm.period_s,
        "EvaluationPeriods": alarm.evaluation_periods,
        "DatapointsToAlarm": alarm.datapoints_to_alarm,
        "ComparisonOperator": alarm.comparison,
        "Threshold": alarm.threshold,
        "TreatMissingData": alarm.treat_missing,
        "EvaluateLowSampleCountPercentile": "",
    }
    document = {
        "AlarmName": alarm.name,
        "AlarmDescription": alarm.description or None,
        "AWSAccountId": account_id,
        "AlarmConfigurationUpdatedTimestamp": _moment(alarm.updated_ms),
        "NewStateValue": verdict.state,
        "NewStateReason": verdict.reason,
        "StateChangeTime": _moment(at_ms),
        "Region": REGION_NAMES.get(region, region),
        "AlarmArn": alarm.arn,
        "OldStateValue": old,
        "OKActions": list(alarm.ok_actions),
        "AlarmActions": list(alarm.alarm_actions),
        "InsufficientDataActions": list(alarm.insufficient_data_actions),
        "Trigger": trigger,
    }
    return json.dumps(document)


def _moment(at_ms: int) -> str:
    moment = datetime.fromtimestamp(at_ms // 1000, tz=UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at_ms % 1000:03d}+0000"
