"""A function that a client of AWS deploys by itself, and everything around it that waits for time to pass."""

import io
import json
import zipfile
from typing import Any

import boto3
import pytest

from sandbox.testing import running

pytestmark = [pytest.mark.e2e, pytest.mark.own_sandbox]

MINUTE_MS = 60_000
HOUR_MS = 3_600_000
CODE = """
import json, os, time, boto3
KEPT = boto3.client("dynamodb")
def handler(event, context):
    print("got", json.dumps(event)[:60])
    if isinstance(event, dict) and event.get("fail"):
        raise ValueError("as asked")
    if isinstance(event, dict) and "Records" in event:
        name = event["Records"][0]["body"]
        tries = int(event["Records"][0]["attributes"]["ApproximateReceiveCount"])
        if name == "twice" and tries < 2:
            raise ValueError("again")
    else:
        name = event.get("name") or event.get("detail-type", "?")
    KEPT.update_item(TableName="kept", Key={"id": {"S": name}}, UpdateExpression="ADD times :one",
                     ExpressionAttributeValues={":one": {"N": "1"}})
    return {"time_ms": time.time_ns() // 1_000_000}
"""
ROLE_TRUST = {"Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"},
                             "Action": "sts:AssumeRole"}]}  # fmt: skip
ROLE_POLICY = {"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Action": ["dynamodb:*", "sqs:*", "logs:*"], "Resource": "*"}]}  # fmt: skip


class Account:
    """An empty sandbox, and clients of it."""

    def __init__(self, sandbox) -> None:
        self.sandbox = sandbox
        self._clients: dict[str, Any] = {}

    def __call__(self, service: str):
        if service not in self._clients:
            self._clients[service] = boto3.client(
                service, endpoint_url=self.sandbox.state.endpointUrl, region_name="us-east-1", aws_access_key_id="x",
                aws_secret_access_key="x",
            )  # fmt: skip
        return self._clients[service]

    def close(self) -> None:
        for client in self._clients.values():
            client.close()

    def times(self, name: str) -> int:
        """How often the function has done what has this name."""
        item = self("dynamodb").get_item(TableName="kept", Key={"id": {"S": name}}, ConsistentRead=True).get("Item")
        return int(item["times"]["N"]) if item else 0

    def queue(self, name: str, **attributes: str) -> tuple[str, str]:
        """A new queue's URL and ARN."""
        url = self("sqs").create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
        found = self("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]
        return url, found["QueueArn"]


@pytest.fixture(scope="module")
def account(tmp_path_factory):
    """One function, its role and a table, made by a client."""
    with running(tmp_path_factory.mktemp("account"), empty=True) as own:
        made = Account(own)
        role = made("iam").create_role(RoleName="r", AssumeRolePolicyDocument=json.dumps(ROLE_TRUST))["Role"]["Arn"]
        made("iam").put_role_policy(RoleName="r", PolicyName="p", PolicyDocument=json.dumps(ROLE_POLICY))
        made("dynamodb").create_table(
            TableName="kept", BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        )  # fmt: skip
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as content:
            content.writestr("app.py", CODE)
        made("lambda").create_function(
            FunctionName="f", Runtime="python3.11", Role=role, Handler="app.handler", Timeout=20, MemorySize=256,
            Code={"ZipFile": archive.getvalue()},
        )  # fmt: skip
        made("lambda").get_waiter("function_active_v2").wait(FunctionName="f", WaiterConfig={"Delay": 1})
        yield made
        made.close()


def invoke(account, kind: str = "RequestResponse", **event) -> dict[str, Any]:
    answer: dict[str, Any] = account("lambda").invoke(
        FunctionName="f", InvocationType=kind, Payload=json.dumps(event).encode(),
        **({"LogType": "Tail"} if kind == "RequestResponse" else {}),
    )  # fmt: skip
    return answer


def test_what_it_writes_is_in_cloudwatch_logs(account):
    """L-15: in its group, in the stream of its environment, in order."""
    answer = invoke(account, name="logged")
    assert "X-Amz-Log-Result".lower() in answer["ResponseMetadata"]["HTTPHeaders"]
    logs = account("logs")
    streams = logs.describe_log_streams(logGroupName="/aws/lambda/f")["logStreams"]
    events = logs.get_log_events(
        logGroupName="/aws/lambda/f", logStreamName=streams[0]["logStreamName"], startFromHead=True
    )["events"]
    words = [event["message"].split(" ")[0] for event in events]
    assert words[:5] == ["INIT_START", "START", "got", "END", "REPORT"]


def test_its_time_is_the_sandboxs(account):
    """`sandbox clock advance` reaches a warm environment."""
    before = json.loads(invoke(account, name="timed")["Payload"].read())["time_ms"]
    account.sandbox.advance_clock(HOUR_MS)
    after = json.loads(invoke(account, name="timed")["Payload"].read())["time_ms"]
    assert HOUR_MS <= after - before < HOUR_MS + 60_000


def test_a_failing_event_is_tried_three_times_and_then_a_dead_letter(account):
    """L-25, L-26: after one minute and after two more, with the same request id; the queue has the event."""
    url, arn = account.queue("dead")
    account("lambda").put_function_event_invoke_config(
        FunctionName="f", DestinationConfig={"OnFailure": {"Destination": arn}}
    )
    account.sandbox.begin_run()
    request_id = invoke(account, "Event", fail=True)["ResponseMetadata"]["RequestId"]
    account.sandbox.expect("lambda.end", requestId=request_id)
    for number, minutes in ((2, 1), (3, 2)):
        account.sandbox.advance_clock(minutes * MINUTE_MS + 1_000)
        account.sandbox.expect("lambda.end", requestId=request_id, count=number)
    (message,) = account("sqs").receive_message(QueueUrl=url, WaitTimeSeconds=20)["Messages"]
    record = json.loads(message["Body"])
    assert record["requestContext"]["condition"] == "RetriesExhausted"
    assert record["requestContext"]["approximateInvokeCount"] == 3
    assert record["requestPayload"] == {"fail": True}
    assert record["responsePayload"]["errorMessage"] == "as asked"


def test_a_delayed_message_reaches_it_when_its_time_has_come(account):
    """Q-08: fifteen minutes, the most there are; what fails comes again when its visibility timeout is over."""
    url, arn = account.queue("work", VisibilityTimeout="600")
    account("lambda").create_event_source_mapping(FunctionName="f", EventSourceArn=arn, BatchSize=1)
    account("sqs").send_message(QueueUrl=url, MessageBody="delayed", DelaySeconds=900)
    account.sandbox.begin_run()
    account("sqs").send_message(QueueUrl=url, MessageBody="twice")
    account.sandbox.expect("event_source.batch", done=0)
    account.sandbox.advance_clock(600 * 1000)
    account.sandbox.expect("event_source.batch", done=1)
    assert (account.times("twice"), account.times("delayed")) == (1, 0)
    account.sandbox.advance_clock(300 * 1000)
    account.sandbox.expect("event_source.batch", done=1, count=2)
    assert account.times("delayed") == 1


def test_a_rule_fires_while_it_is_enabled(account):
    """E-01, E-04, E-05: by rate and by cron; a disabled one never."""
    events, function = (
        account("events"),
        account("lambda").get_function(FunctionName="f")["Configuration"]["FunctionArn"],
    )
    account("lambda").add_permission(
        FunctionName="f", StatementId="e", Action="lambda:InvokeFunction", Principal="events.amazonaws.com"
    )
    account.sandbox.begin_run()
    for name, expression, state in (
        ("rate", "rate(1 minute)", "ENABLED"), ("cron", "cron(* * * * ? *)", "ENABLED"),
        ("off", "rate(1 minute)", "DISABLED"),
    ):  # fmt: skip
        events.put_rule(Name=name, ScheduleExpression=expression, State=state)
        target = {"Id": "1", "Arn": function, "Input": json.dumps({"name": name})}
        events.put_targets(Rule=name, Targets=[target])
    # The control plane tells of a change at once, the data plane has it a moment later.
    account.sandbox.expect("definitions.applied", rules=3)
    for name in ("rate", "cron"):
        account.sandbox.advance_clock(MINUTE_MS)
        account.sandbox.expect("schedule.fired", rule=name)
    account.sandbox.expect("lambda.end", function="f", count=4)
    assert account.times("off") == 0
    assert account.times("rate") >= 1
    assert account.times("cron") >= 1
    for name in ("rate", "cron", "off"):
        events.remove_targets(Rule=name, Ids=["1"])
        events.delete_rule(Name=name)


def test_an_items_time_to_live_deletes_it_two_days_later(account):
    """D-01: until then it is read as ever."""
    dynamodb = account("dynamodb")
    dynamodb.create_table(
        TableName="short", BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
    )  # fmt: skip
    dynamodb.update_time_to_live(
        TableName="short", TimeToLiveSpecification={"Enabled": True, "AttributeName": "expiresAt"}
    )
    now_ms = json.loads(invoke(account, name="clock")["Payload"].read())["time_ms"]
    for name, at_s in (("over", now_ms // 1000 + 60), ("kept", now_ms // 1000 + 5 * 86_400)):
        dynamodb.put_item(TableName="short", Item={"id": {"S": name}, "expiresAt": {"N": str(at_s)}})

    def left() -> set[str]:
        return {item["id"]["S"] for item in dynamodb.scan(TableName="short")["Items"]}

    account.sandbox.begin_run()
    account.sandbox.advance_clock(47 * HOUR_MS)
    assert left() == {"over", "kept"}
    account.sandbox.advance_clock(HOUR_MS + 11 * MINUTE_MS)
    account.sandbox.expect("table.expired")
    assert left() == {"kept"}
