"""A resource that was deleted behind its stack's back (F-11)."""

import json
from typing import Any

import pytest

from tests.sandbox.control_plane import deploying
from tests.sandbox.control_plane.asked import ROLE

BY_HAND: dict[str, tuple[str, dict[str, Any], dict[str, Any], Any]] = {
    "AWS::SQS::Queue": (
        "sqs", {"QueueName": "q"}, {"VisibilityTimeout": 7},
        lambda sqs: sqs.delete_queue(QueueUrl=sqs.get_queue_url(QueueName="q")["QueueUrl"]),
    ),
    "AWS::SNS::Topic": (
        "sns", {"TopicName": "t"}, {"DisplayName": "x"},
        lambda sns: sns.delete_topic(TopicArn="arn:aws:sns:us-east-1:123456789012:t"),
    ),
    "AWS::DynamoDB::Table": (
        "dynamodb",
        {
            "TableName": "tbl", "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [{"AttributeName": "k", "AttributeType": "S"}],
            "KeySchema": [{"AttributeName": "k", "KeyType": "HASH"}],
        },
        {"TimeToLiveSpecification": {"AttributeName": "ttl", "Enabled": True}},
        lambda dynamodb: dynamodb.delete_table(TableName="tbl"),
    ),
    "AWS::Lambda::Function": (
        "lambda",
        {
            "FunctionName": "f", "Runtime": "python3.11", "Handler": "index.handler", "Role": ROLE,
            "Code": {"ZipFile": "def handler(e, c): return 1"},
        },
        {"Timeout": 9},
        lambda lambda_: lambda_.delete_function(FunctionName="f"),
    ),
    "AWS::SSM::Parameter": (
        "ssm", {"Name": "/p", "Type": "String", "Value": "1"}, {"Value": "2"},
        lambda ssm: ssm.delete_parameter(Name="/p"),
    ),
    "AWS::Logs::LogGroup": (
        "logs", {"LogGroupName": "/g"}, {"RetentionInDays": 7},
        lambda logs: logs.delete_log_group(logGroupName="/g"),
    ),
    "AWS::IAM::Role": (
        "iam", {"RoleName": "of-the-stack", "AssumeRolePolicyDocument": {"Statement": []}}, {"Description": "x"},
        lambda iam: iam.delete_role(RoleName="of-the-stack"),
    ),
    "AWS::S3::Bucket": (
        "s3", {"BucketName": "bucket-b"}, {"VersioningConfiguration": {"Status": "Enabled"}},
        lambda s3: s3.delete_bucket(Bucket="bucket-b"),
    ),
    "AWS::CloudWatch::Alarm": (
        "cloudwatch",
        {
            "AlarmName": "a", "Namespace": "N", "MetricName": "M", "Statistic": "Sum", "Period": 60,
            "EvaluationPeriods": 1, "Threshold": 1, "ComparisonOperator": "GreaterThanThreshold",
        },
        {"Threshold": 2},
        lambda cloudwatch: cloudwatch.delete_alarms(AlarmNames=["a"]),
    ),
    "AWS::ApiGatewayV2::Api": (
        "apigatewayv2",
        {"Name": "w", "ProtocolType": "WEBSOCKET", "RouteSelectionExpression": "$request.body.action"},
        {"Description": "x"},
        lambda api: api.delete_api(ApiId=api.get_apis()["Items"][0]["ApiId"]),
    ),
}  # fmt: skip
"""By type: its service, its properties, a change of them, and how somebody deletes it."""


CAPABLE = {"Capabilities": ["CAPABILITY_NAMED_IAM"]}


def body(resource_type: str, properties: dict[str, Any], *, other: str) -> str:
    """The resource, and a parameter beside it that changes before it."""
    beside = {"Type": "AWS::SSM::Parameter", "Properties": {"Name": "/beside", "Type": "String", "Value": other}}
    return json.dumps(
        {"Resources": {"R": {"Type": resource_type, "Properties": properties, "DependsOn": "B"}, "B": beside}}
    )


@pytest.mark.parametrize("resource_type", BY_HAND)
def test_a_change_of_what_somebody_deleted_fails_and_is_rolled_back(cloudformation, client, resource_type):
    """F-11: the event says that it was not found; what else was changed is changed back. An update that leaves it alone
    knows nothing of it, and without it in the template the next one succeeds."""
    service, properties, change, delete = BY_HAND[resource_type]
    deploying.create(cloudformation, "s", body(resource_type, properties, other="1"), **CAPABLE)
    delete(client(service))
    changed = deploying.update(cloudformation, "s", body(resource_type, properties | change, other="2"), **CAPABLE)
    assert changed["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    reason = deploying.failure(cloudformation, "s")
    assert reason.startswith('Resource handler returned message: "')
    assert " not found" in reason or " could not be found" in reason
    assert "HandlerErrorCode: NotFound" in reason
    ssm = client("ssm")
    assert ssm.get_parameter(Name="/beside")["Parameter"]["Value"] == "1"

    untouched = deploying.update(cloudformation, "s", body(resource_type, properties, other="3"), **CAPABLE)
    assert untouched["StackStatus"] == "UPDATE_COMPLETE"
    left_out = json.loads(body(resource_type, properties, other="4"))
    del left_out["Resources"]["R"]
    assert deploying.update(cloudformation, "s", json.dumps(left_out), **CAPABLE)["StackStatus"] == "UPDATE_COMPLETE"
    made_anew = deploying.update(cloudformation, "s", body(resource_type, properties | change, other="4"), **CAPABLE)
    assert made_anew["StackStatus"] == "UPDATE_COMPLETE"


def test_what_is_there_is_changed(cloudformation, client):
    """Every one of them, without a word of it."""
    for resource_type, (_, properties, change, _) in BY_HAND.items():
        deploying.create(cloudformation, "s", body(resource_type, properties, other="1"), **CAPABLE)
        changed = deploying.update(cloudformation, "s", body(resource_type, properties | change, other="1"), **CAPABLE)
        assert (resource_type, changed["StackStatus"]) == (resource_type, "UPDATE_COMPLETE")
        deploying.delete(cloudformation, "s")
