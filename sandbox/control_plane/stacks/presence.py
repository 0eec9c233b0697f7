"""Whether a resource of a stack is there still: it may have been deleted by other means than its stack (F-11).

CloudFormation does not look before it changes a resource; the type's update handler has to answer that it is not found.
"""

import uuid
from collections.abc import Callable, Mapping
from typing import Any

from moto.backends import get_backend
from moto.utilities.utils import get_partition

_Look = Callable[[Any, Any, str], bool]

_LOOKS: Mapping[str, tuple[str, _Look]] = {
    "AWS::ApiGatewayV2::Api": ("apigatewayv2", lambda backend, _, physical_id: physical_id in backend.apis),
    "AWS::CloudWatch::Alarm": ("cloudwatch", lambda backend, _, physical_id: physical_id in backend.alarms),
    "AWS::DynamoDB::Table": ("dynamodb", lambda backend, table, _: table.name in backend.tables),
    "AWS::IAM::Role": ("iam", lambda backend, role, _: role.id in backend.roles),
    "AWS::Lambda::Function": (
        "lambda",
        lambda backend, function, _: any(
            one.function_name == function.function_name for one in backend.list_functions()
        ),
    ),
    "AWS::Logs::LogGroup": ("logs", lambda backend, group, _: group.name in backend.groups),
    "AWS::S3::Bucket": ("s3", lambda backend, bucket, _: bucket.name in backend.buckets),
    "AWS::SNS::Topic": ("sns", lambda backend, topic, _: topic.arn in backend.topics),
    "AWS::SQS::Queue": ("sqs", lambda backend, queue, _: queue.name in backend.queues),
    "AWS::SSM::Parameter": ("ssm", lambda backend, parameter, _: backend.get_parameter(parameter.name) is not None),
}
"""By type: moto's service, and how its backend knows a resource, by its model or its physical id."""

_GLOBAL = frozenset(["iam", "s3"])


def is_there(account_id: str, region: str, resource_type: str, model: Any, physical_id: str) -> bool:
    """False for one that somebody has deleted; a type that nobody can look for is taken to be there."""
    look_elsewhere = getattr(model, "is_there", None)
    if look_elsewhere is not None:
        # On another backend.
        return bool(look_elsewhere())
    if model is None or resource_type not in _LOOKS:
        return True
    service, look = _LOOKS[resource_type]
    of_account = get_backend(service)[account_id]
    return look(of_account[get_partition(region) if service in _GLOBAL else region], model, physical_id)


def missing(resource_type: str, physical_id: str) -> str:
    """The event's reason: Lambda's own words, or those that CloudFormation gives the authors of handlers."""
    text = f"Resource of type '{resource_type}' with identifier '{physical_id}' was not found."
    if resource_type == "AWS::Lambda::Function":
        text = f"Lambda function {physical_id} could not be found"
    return f'Resource handler returned message: "{text}" (RequestToken: {uuid.uuid4()}, HandlerErrorCode: NotFound)'
