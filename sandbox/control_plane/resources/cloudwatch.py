"""`AWS::CloudWatch::Alarm`."""

from typing import Any

from moto.cloudwatch.models import cloudwatch_backends
from moto.core.common_models import CloudFormationModel

from sandbox.control_plane.resources.base import AddedResource


class AlarmResource(AddedResource, CloudFormationModel):
    """A metric alarm, put through CloudWatch's own operation."""

    @staticmethod
    def cloudformation_type() -> str:
        return "AWS::CloudWatch::Alarm"

    @staticmethod
    def cloudformation_name_type() -> str:
        return "AlarmName"

    @classmethod
    def create_from_cloudformation_json(
        cls, resource_name: str, cloudformation_json: Any, account_id: str, region_name: str, **kwargs: Any
    ) -> "AlarmResource":
        given = cloudformation_json["Properties"]
        backend = cloudwatch_backends[account_id][region_name]
        alarm = backend.put_metric_alarm(
            name=resource_name,
            namespace=given.get("Namespace"),
            metric_name=given.get("MetricName"),
            comparison_operator=given["ComparisonOperator"],
            evaluation_periods=int(given["EvaluationPeriods"]),
            period=int(given.get("Period", 60)),
            threshold=float(given["Threshold"]),
            statistic=given.get("Statistic"),
            description=given.get("AlarmDescription"),
            dimensions=given.get("Dimensions", []),
            alarm_actions=given.get("AlarmActions", []),
            datapoints_to_alarm=given.get("DatapointsToAlarm"),
            extended_statistic=given.get("ExtendedStatistic"),
            ok_actions=given.get("OKActions", []),
            insufficient_data_actions=given.get("InsufficientDataActions", []),
            unit=given.get("Unit"),
            actions_enabled=given.get("ActionsEnabled", True),
            treat_missing_data=given.get("TreatMissingData"),
        )
        return cls(
            alarm.name, remove=lambda: backend.delete_alarms([resource_name]), attributes={"Arn": alarm.alarm_arn}
        )

    @classmethod
    def update_from_cloudformation_json(
        cls, original_resource: Any, new_resource_name: str, cloudformation_json: Any, account_id: str, region_name: str
    ) -> "AlarmResource":
        name = original_resource.physical_resource_id
        return cls.create_from_cloudformation_json(name, cloudformation_json, account_id, region_name)
