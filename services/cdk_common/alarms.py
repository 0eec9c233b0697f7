"""Alarms from a table: one row each, all to one topic."""

from collections.abc import Sequence
from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch, aws_cloudwatch_actions, aws_sns
from constructs import Construct


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where a metric comes from: its namespace and the one dimension that its emitter gives it."""

    namespace: str
    dimension: str
    value: str


@dataclass(frozen=True, kw_only=True)
class AlarmSpec:
    """One alarm: M of N periods beyond the threshold."""

    construct_id: str
    about: str
    source: Source
    metric: str
    threshold: float
    statistic: str = "Sum"
    period_s: int = 60
    periods: int = 1
    datapoints: int = 1
    below: bool = False


def add_alarms(scope: Construct, topic: aws_sns.ITopic, specs: Sequence[AlarmSpec]) -> None:
    """Create the alarms; no data is not a breach, since a quiet system is not a broken one."""
    action = aws_cloudwatch_actions.SnsAction(topic)
    operator = aws_cloudwatch.ComparisonOperator
    for spec in specs:
        metric = aws_cloudwatch.Metric(
            namespace=spec.source.namespace,
            metric_name=spec.metric,
            dimensions_map={spec.source.dimension: spec.source.value},
            statistic=spec.statistic,
            period=cdk.Duration.seconds(spec.period_s),
        )
        alarm = aws_cloudwatch.Alarm(
            scope,
            spec.construct_id,
            metric=metric,
            threshold=spec.threshold,
            evaluation_periods=spec.periods,
            datapoints_to_alarm=spec.datapoints,
            alarm_description=spec.about,
            comparison_operator=operator.LESS_THAN_THRESHOLD if spec.below else operator.GREATER_THAN_THRESHOLD,
            treat_missing_data=aws_cloudwatch.TreatMissingData.NOT_BREACHING,
        )
        alarm.add_alarm_action(action)
        alarm.add_ok_action(action)
