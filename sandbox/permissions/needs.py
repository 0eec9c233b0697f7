"""What a call of a service needs: its actions, each with the ARN of what it is about. Pure.

Source: Service Authorization Reference, the page of each service ("Actions, resources, and condition keys for …").
An action that has no resource type there, or a service that is not here, is about `*`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from sandbox.permissions.evaluation import Need

Parameters = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Place:
    """Whose resources a call is about."""

    region: str
    account_id: str

    def arn(self, service: str, resource: str) -> str:
        """The ARN of a resource here; one that is an ARN already stays as it is."""
        return (
            resource if resource.startswith("arn:") else f"arn:aws:{service}:{self.region}:{self.account_id}:{resource}"
        )


def needs(service: str, operation: str, parameters: Parameters, place: Place) -> tuple[Need, ...]:
    """`service` is IAM's prefix (`dynamodb`), `operation` and `parameters` are the API's; () needs nothing at all."""
    find = _SERVICES.get(service)
    if find is None:
        return (Need(action=f"{service}:{operation}"),)
    return tuple(find(operation, parameters, place))


def connection(place: Place, *, api_id: str, stage: str, method: str, connection_id: str) -> Need:
    """What a call of `@connections` needs."""
    resource = f"{api_id}/{stage}/{method}/@connections/{connection_id}"
    return Need(action="execute-api:ManageConnections", resource=place.arn("execute-api", resource))


def invocation(place: Place, function: str) -> Need:
    """What an invocation needs; `function` is a name, a partial ARN or an ARN, perhaps with a qualifier."""
    name = function.rpartition("function:")[2] if "function:" in function else function
    return Need(action="lambda:InvokeFunction", resource=place.arn("lambda", f"function:{name}"))


def _dynamodb(operation: str, parameters: Parameters, place: Place) -> list[Need]:
    def table(name: str, action: str) -> Need:
        return Need(action=f"dynamodb:{action}", resource=place.arn("dynamodb", _table(name)))

    if operation in ("TransactWriteItems", "TransactGetItems"):
        actions = {"Get": "GetItem", "Put": "PutItem", "Update": "UpdateItem", "Delete": "DeleteItem",
                   "ConditionCheck": "ConditionCheckItem"}  # fmt: skip
        return [
            table(about["TableName"], actions[kind])
            for one in parameters.get("TransactItems", ())
            for kind, about in one.items()
        ]
    if operation in ("BatchGetItem", "BatchWriteItem"):
        return [table(name, operation) for name in parameters.get("RequestItems", ())]
    if operation in ("ListTables", "DescribeLimits", "DescribeEndpoints"):
        return [Need(action=f"dynamodb:{operation}")]
    need = table(parameters.get("TableName", ""), operation)
    index = parameters.get("IndexName")
    return [Need(action=need.action, resource=f"{need.resource}/index/{index}") if index else need]


def _table(name: str) -> str:
    return name if name.startswith("arn:") else f"table/{name}"


def _sqs(operation: str, parameters: Parameters, place: Place) -> list[Need]:
    action = f"sqs:{operation.removesuffix('Batch')}"
    url = parameters.get("QueueUrl")
    name = urlsplit(url).path.rpartition("/")[2] if url else parameters.get("QueueName")
    return [Need(action=action, resource=place.arn("sqs", name))] if name else [Need(action=action)]


def _sns(operation: str, parameters: Parameters, place: Place) -> list[Need]:
    action = f"sns:{operation.removesuffix('Batch')}"
    topic = parameters.get("TopicArn") or parameters.get("TargetArn") or parameters.get("Name")
    subscription = parameters.get("SubscriptionArn")
    if not topic and subscription:
        topic = subscription.rpartition(":")[0]
    return [Need(action=action, resource=place.arn("sns", topic))] if topic else [Need(action=action)]


def _ssm(operation: str, parameters: Parameters, place: Place) -> list[Need]:
    names = [parameters[key] for key in ("Name", "Path") if key in parameters] + list(parameters.get("Names", ()))
    action = f"ssm:{operation}"
    if operation == "DescribeParameters" or not names:
        return [Need(action=action)]
    return [Need(action=action, resource=place.arn("ssm", _parameter(name))) for name in names]


def _parameter(name: str) -> str:
    # A version or a label after the name is not a part of the resource.
    return name if name.startswith("arn:") else f"parameter/{name.lstrip('/').partition(':')[0]}"


def _lambda(operation: str, parameters: Parameters, place: Place) -> list[Need]:
    function = parameters.get("FunctionName")
    if operation in ("Invoke", "InvokeAsync", "InvokeWithResponseStream"):
        return [invocation(place, str(function))]
    if not function:
        return [Need(action=f"lambda:{operation}")]
    return [Need(action=f"lambda:{operation}", resource=invocation(place, str(function)).resource)]


def _logs(operation: str, parameters: Parameters, place: Place) -> list[Need]:
    group, stream = parameters.get("logGroupName"), parameters.get("logStreamName")
    if not group:
        return [Need(action=f"logs:{operation}")]
    # Actions on a stream are about the stream, those on a group about the group with `:*` left off.
    resource = f"log-group:{group}" + (f":log-stream:{stream}" if stream else "")
    return [Need(action=f"logs:{operation}", resource=place.arn("logs", resource))]


def _cloudwatch(operation: str, parameters: Parameters, place: Place) -> list[Need]:
    if operation == "PutMetricData":
        context = {"cloudwatch:namespace": [str(parameters["Namespace"])]} if "Namespace" in parameters else {}
        return [Need(action="cloudwatch:PutMetricData", context=context)]
    alarms = parameters.get("AlarmNames") or ([parameters["AlarmName"]] if "AlarmName" in parameters else ())
    if not alarms or operation.startswith("Describe"):
        return [Need(action=f"cloudwatch:{operation}")]
    return [Need(action=f"cloudwatch:{operation}", resource=place.arn("cloudwatch", f"alarm:{one}")) for one in alarms]


_S3_ACTIONS = {
    "HeadObject": "GetObject",
    "ListObjects": "ListBucket",
    "ListObjectsV2": "ListBucket",
    "HeadBucket": "ListBucket",
    "ListBuckets": "ListAllMyBuckets",
    "DeleteObjects": "DeleteObject",
    "CreateMultipartUpload": "PutObject",
    "UploadPart": "PutObject",
    "CompleteMultipartUpload": "PutObject",
}


def _s3(operation: str, parameters: Parameters, _place: Place) -> list[Need]:
    action, bucket, key = _S3_ACTIONS.get(operation, operation), parameters.get("Bucket"), parameters.get("Key")
    if not bucket:
        return [Need(action=f"s3:{action}")]
    return [Need(action=f"s3:{action}", resource=f"arn:aws:s3:::{bucket}" + (f"/{key}" if key else ""))]


def _events(operation: str, parameters: Parameters, place: Place) -> list[Need]:
    action = f"events:{operation}"
    if operation == "PutEvents":
        buses = {one.get("EventBusName") or "default" for one in parameters.get("Entries", ())}
        return [Need(action=action, resource=place.arn("events", _bus(bus))) for bus in sorted(buses)]
    rule = parameters.get("Rule") or parameters.get("Name")
    return [Need(action=action, resource=place.arn("events", f"rule/{rule}"))] if rule else [Need(action=action)]


def _bus(name: str) -> str:
    return name if name.startswith("arn:") else f"event-bus/{name}"


def _secrets(operation: str, parameters: Parameters, place: Place) -> list[Need]:
    secret = str(parameters.get("SecretId", ""))
    # Six characters that Secrets Manager drew follow a name.
    name = secret if secret.startswith("arn:") else f"secret:{secret}-AbCdEf"
    resource = place.arn("secretsmanager", name) if secret else "*"
    return [Need(action=f"secretsmanager:{operation}", resource=resource)]


def _cognito(operation: str, parameters: Parameters, place: Place) -> list[Need]:
    pool = parameters.get("UserPoolId")
    resource = place.arn("cognito-idp", f"userpool/{pool}") if pool else "*"
    return [Need(action=f"cognito-idp:{operation}", resource=resource)]


def _polly(operation: str, parameters: Parameters, place: Place) -> list[Need]:
    lexicons = parameters.get("LexiconNames") or ()
    action = f"polly:{operation}"
    return [Need(action=action, resource=place.arn("polly", f"lexicon/{one}")) for one in lexicons] or [
        Need(action=action)
    ]


def _translate(operation: str, parameters: Parameters, place: Place) -> list[Need]:
    names = parameters.get("TerminologyNames") or ()
    action = f"translate:{operation}"
    # The terminology is looked up on top of the translation itself.
    return [Need(action=action), *(Need(action=action, resource=place.arn("translate", f"terminology/{one}/LATEST"))
                                   for one in names)]  # fmt: skip


def _sts(operation: str, parameters: Parameters, _place: Place) -> list[Need]:
    if operation == "GetCallerIdentity":
        # "No permissions are required to perform this operation" (STS API reference).
        return []
    return [Need(action=f"sts:{operation}", resource=str(parameters.get("RoleArn", "*")))]


_SERVICES: dict[str, Callable[[str, Parameters, Place], list[Need]]] = {
    "dynamodb": _dynamodb,
    "sqs": _sqs,
    "sns": _sns,
    "ssm": _ssm,
    "lambda": _lambda,
    "logs": _logs,
    "cloudwatch": _cloudwatch,
    "s3": _s3,
    "events": _events,
    "secretsmanager": _secrets,
    "cognito-idp": _cognito,
    "polly": _polly,
    "translate": _translate,
    "sts": _sts,
}
