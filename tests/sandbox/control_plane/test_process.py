"""The control plane as any AWS client meets it, and the feed that the data plane follows."""

import base64
import json
import threading
import time
import urllib.request
from pathlib import Path

import pytest

from tests.sandbox.control_plane import deploying
from tests.sandbox.control_plane.asked import ROLE, feed, refusal, zipped


def template(**environment: str) -> dict:
    """A WebSocket API with its function, layer, table, alarm and rule, as CDK writes them."""
    uri = {
        "Fn::Sub": "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${Function.Arn}/invocations"
    }  # fmt: skip
    code = {"S3Bucket": "code", "S3Key": "code.zip"}
    resources = {
        "Api": {"Type": "AWS::ApiGatewayV2::Api", "Properties": {
            "Name": "api", "ProtocolType": "WEBSOCKET", "RouteSelectionExpression": "$request.body.action"}},
        "Authorizer": {"Type": "AWS::ApiGatewayV2::Authorizer", "Properties": {
            "ApiId": {"Ref": "Api"}, "AuthorizerType": "REQUEST", "AuthorizerUri": uri, "Name": "a",
            "IdentitySource": []}},
        "Integration": {"Type": "AWS::ApiGatewayV2::Integration", "Properties": {
            "ApiId": {"Ref": "Api"}, "IntegrationType": "AWS_PROXY", "IntegrationUri": uri}},
        "Connect": {"Type": "AWS::ApiGatewayV2::Route", "Properties": {
            "ApiId": {"Ref": "Api"}, "RouteKey": "$connect", "AuthorizationType": "CUSTOM",
            "AuthorizerId": {"Ref": "Authorizer"},
            "Target": {"Fn::Join": ["", ["integrations/", {"Ref": "Integration"}]]}}},
        "Stage": {"Type": "AWS::ApiGatewayV2::Stage", "Properties": {
            "ApiId": {"Ref": "Api"}, "StageName": "prod", "AutoDeploy": True}},
        "Layer": {"Type": "AWS::Lambda::LayerVersion", "Properties": {"Content": code, "LayerName": "layer"}},
        "Function": {"Type": "AWS::Lambda::Function", "Properties": {
            "FunctionName": "small", "Runtime": "python3.11", "Handler": "app.handler", "Role": ROLE, "Timeout": 7,
            "MemorySize": 256, "Code": code, "Layers": [{"Ref": "Layer"}], "RecursiveLoop": "Allow",
            "Environment": {"Variables": environment}}},
        "Permission": {"Type": "AWS::Lambda::Permission", "Properties": {
            "Action": "lambda:InvokeFunction", "FunctionName": {"Fn::GetAtt": ["Function", "Arn"]},
            "Principal": "apigateway.amazonaws.com", "SourceArn": "arn:aws:execute-api:us-east-1:123456789012:*"}},
        "Events": {"Type": "AWS::Lambda::EventInvokeConfig", "Properties": {
            "FunctionName": {"Ref": "Function"}, "Qualifier": "$LATEST", "MaximumRetryAttempts": 0,
            "MaximumEventAgeInSeconds": 60}},
        "Table": {"Type": "AWS::DynamoDB::Table", "Properties": {
            "TableName": "small", "BillingMode": "PAY_PER_REQUEST",
            "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
            "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
            "TimeToLiveSpecification": {"AttributeName": "ttl", "Enabled": True}}},
        "Alarm": {"Type": "AWS::CloudWatch::Alarm", "Properties": {
            "AlarmName": "small", "Namespace": "N", "MetricName": "M", "ComparisonOperator": "GreaterThanThreshold",
            "EvaluationPeriods": 1, "Threshold": 1, "Statistic": "Sum", "Period": 60,
            "Dimensions": [{"Name": "d", "Value": "v"}]}},
        "Rule": {"Type": "AWS::Events::Rule", "Properties": {
            "Name": "small", "ScheduleExpression": "rate(1 minute)",
            "Targets": [{"Id": "t", "Arn": {"Fn::GetAtt": ["Function", "Arn"]}, "Input": "{}"}]}},
    }  # fmt: skip
    return {"Resources": resources, "Outputs": {"ApiId": {"Value": {"Ref": "Api"}}}}


@pytest.fixture
def stack(client, url):
    """The template deployed; removed in the end."""
    s3, cloudformation = client("s3"), client("cloudformation")
    s3.create_bucket(Bucket="code")
    s3.put_object(Bucket="code", Key="code.zip", Body=zipped())
    deploying.create(cloudformation, "small", json.dumps(template(AB="1")))
    yield cloudformation
    deploying.delete(cloudformation, "small")


def test_a_deployed_template_is_in_the_feed(stack, url):
    """Routes with their authorizer, the function with layer, permission and retries, the rule with its target."""
    definitions = feed(url)
    function = definitions.functions["small"]
    (api,) = definitions.apis.values()
    route = api.stages["prod"].routes["$connect"]
    assert definitions.stacks["small"].status == "CREATE_COMPLETE"
    assert definitions.stacks["small"].outputs == {"ApiId": api.api_id}
    assert len(api.api_id) == 10
    assert route.authorizer is not None
    assert route.authorizer.function_arn == function.arn
    assert route.authorizer.identity_sources == ()
    assert route.integration is not None
    assert route.integration.function_arn == function.arn
    assert (function.timeout_s, function.memory_mb, function.recursive_loop) == (7, 256, "Allow")
    assert (function.maximum_retry_attempts, function.maximum_event_age_s) == (0, 60)
    assert [permission.principal for permission in function.permissions] == ["apigateway.amazonaws.com"]
    assert (Path(function.path) / "app.py").exists()
    assert [Path(layer.path).is_dir() for layer in function.layers] == [True]
    assert [target.input for target in definitions.rules["small"].targets] == ["{}"]


def test_an_update_is_a_new_revision_and_a_data_plane_write_is_none(stack, client, url):
    """Whoever follows is told of what it runs and of nothing else."""
    before = feed(url).revision
    dynamodb = client("dynamodb")
    dynamodb.put_item(TableName="small", Item={"id": {"S": "1"}})
    assert feed(url).revision == before
    deploying.update(stack, "small", json.dumps(template(AB="2")))
    after = feed(url)
    assert after.revision > before
    assert after.functions["small"].environment == {"AB": "2"}


def test_a_follower_is_answered_when_something_changes(stack, url):
    """A long poll, not a timer."""
    revision, answers = feed(url).revision, []
    follower = threading.Thread(target=lambda: answers.append(feed(url, after=revision, wait_ms=10_000)))
    follower.start()
    deploying.update(stack, "small", json.dumps(template(AB="3")))
    follower.join(5)
    assert answers
    assert answers[0].revision > revision


def test_a_tables_time_to_live_is_enabled(stack, client):
    """moto's CloudFormation leaves it out."""
    described = client("dynamodb").describe_time_to_live(TableName="small")["TimeToLiveDescription"]
    assert described == {"TimeToLiveStatus": "ENABLED", "AttributeName": "ttl"}


def test_an_alarm_has_its_dimensions(stack, client):
    """C-04: they are part of a metric's identity."""
    (alarm,) = client("cloudwatch").describe_alarms(AlarmNames=["small"])["MetricAlarms"]
    assert alarm["Dimensions"] == [{"Name": "d", "Value": "v"}]


def test_an_unsupported_resource_type_is_an_error_and_leaves_nothing(client):
    """Never a warning."""
    cloudformation = client("cloudformation")
    body = json.dumps({"Resources": {"X": {"Type": "AWS::Nobody::Knows"}}})
    assert refusal(lambda: cloudformation.create_stack(StackName="odd", TemplateBody=body)) == (
        "ValidationError", "Template format error: Unrecognized resource types: [AWS::Nobody::Knows]",
    )  # fmt: skip
    assert "odd" not in [stack["StackName"] for stack in cloudformation.describe_stacks()["Stacks"]]


def test_a_queues_delay_and_visibility_follow_the_sandboxs_clock(client, later):
    """Q-08: a message that is delayed, then hidden, comes when the clock was moved past it, not before."""
    sqs = client("sqs")
    queue = sqs.create_queue(QueueName="delayed", Attributes={"VisibilityTimeout": "3600"})["QueueUrl"]

    def received() -> int:
        return len(sqs.receive_message(QueueUrl=queue).get("Messages", ()))

    sqs.send_message(QueueUrl=queue, MessageBody="x", DelaySeconds=900)
    counts = [received()]
    for by_ms in (880_000, 20_000, 3_580_000, 20_001):
        later(by_ms)
        counts.append(received())
    assert counts == [0, 0, 1, 0, 1]


def test_a_long_poll_of_a_queue_wakes_when_a_message_arrives(client):
    """The stream worker's way of waiting: well before the poll's own end."""
    sqs = client("sqs")
    queue = sqs.create_queue(QueueName="q")["QueueUrl"]
    received: list[float] = []

    def wait() -> None:
        answer = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=10)
        received.append(time.monotonic())
        assert answer["Messages"]

    waiting = threading.Thread(target=wait)
    waiting.start()
    sqs.send_message(QueueUrl=queue, MessageBody=base64.b64encode(b"x").decode())
    sent = time.monotonic()
    waiting.join(10)
    assert received[0] - sent < 2


def test_what_functions_write_is_in_cloudwatch_logs(client, url):
    """L-15: by group and stream, whatever the sandbox's clock says, and found by a filter."""
    group, stream = "/aws/lambda/f", "2026/11/25/[$LATEST]00"
    events = [
        {"group": group, "stream": stream, "timestamp": at_ms, "message": message}
        for at_ms, message in ((1_000, "old"), (4_000_000_000_000, "REPORT from the future"))
    ]
    urllib.request.urlopen(f"{url}/_sandbox/logs", data=json.dumps(events).encode()).close()
    logs = client("logs")
    assert [one["logGroupName"] for one in logs.describe_log_groups()["logGroups"]] == [group]
    assert [one["logStreamName"] for one in logs.describe_log_streams(logGroupName=group)["logStreams"]] == [stream]
    found = logs.get_log_events(logGroupName=group, logStreamName=stream, startFromHead=True)["events"]
    assert [(one["timestamp"], one["message"]) for one in found] == [
        (1_000, "old"), (4_000_000_000_000, "REPORT from the future"),
    ]  # fmt: skip
    filtered = logs.filter_log_events(logGroupName=group, filterPattern="REPORT")["events"]
    assert [one["message"] for one in filtered] == ["REPORT from the future"]
