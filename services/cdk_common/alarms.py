"""Alarms from a table: one row each, all to one topic."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch, aws_cloudwatch_actions, aws_sns
from constructs import Construct

MissingData = Literal["notBreaching", "missing"]


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where a metric comes from: its namespace and the one dimension that its emitter gives it."""

    namespace: str
    dimension: str
    value: str

    def metric(self, name: str, statistic: str, *, period_s: int = 60) -> aws_cloudwatch.Metric:
        """One of this source's metrics."""
        return aws_cloudwatch.Metric(
            namespace=self.namespace,
            metric_name=name,
            dimensions_map={self.dimension: self.value},
            statistic=statistic,
            period=cdk.Duration.seconds(period_s),
        )


@dataclass(frozen=True, kw_only=True)
class AlarmSpec:
    """One alarm: `datapoints` of `periods` periods beyond the threshold.

    `about` tells whoever is on call what is wrong, `why` gives the reason for period, statistic, M of N and the rule
    for missing data; both are the alarm's description.
    """

    construct_id: str
    about: str
    why: str
    source: Source
    metric: str
    threshold: float
    statistic: str = "Sum"
    period_s: int = 300
    periods: int = 1
    datapoints: int = 1
    below: bool = False
    missing: MissingData = "notBreaching"


def add_alarms(
    scope: Construct, topic: aws_sns.ITopic, specs: Sequence[AlarmSpec], *, environment: str
) -> list[aws_cloudwatch.Alarm]:
    """Create the alarms, each named after its construct and the environment.

    Whoever is on call is told of each change, and of missing data where its absence is a fault.
    """
    action = aws_cloudwatch_actions.SnsAction(topic)
    operator = aws_cloudwatch.ComparisonOperator
    treatments = {
        "notBreaching": aws_cloudwatch.TreatMissingData.NOT_BREACHING,
        "missing": aws_cloudwatch.TreatMissingData.MISSING,
    }
    alarms = []
    for spec in specs:
        alarm = aws_cloudwatch.Alarm(
            scope,
            spec.construct_id,
            alarm_name=f"{spec.construct_id}-{environment}",
            metric=spec.source.metric(spec.metric, spec.statistic, period_s=spec.period_s),
            threshold=spec.threshold,
            evaluation_periods=spec.periods,
            datapoints_to_alarm=spec.datapoints,
            alarm_description=f"{spec.about}. {spec.why}.",
            comparison_operator=operator.LESS_THAN_THRESHOLD if spec.below else operator.GREATER_THAN_THRESHOLD,
            treat_missing_data=treatments[spec.missing],
        )
        alarm.add_alarm_action(action)
        alarm.add_ok_action(action)
        if spec.missing == "missing":
            alarm.add_insufficient_data_action(action)
        alarms.append(alarm)
    return alarms
