"""A stack's data resources on another backend, as any AWS client meets them there.

The backend is the one that SANDBOX_BACKEND and SANDBOX_DYNAMODB name, else a second control plane: moto holds the data
as LocalStack would.
"""

import contextlib
import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from sandbox.control_plane.backend.policies import READ_AGAIN_AFTER_MS, BackendPolicies
from sandbox.live.backend import DATA_SERVICES, from_environment
from sandbox.permissions.documents import statements
from tests.sandbox.control_plane import deploying

ROOT = Path(__file__).resolve().parents[4]
ACCOUNT = "123456789012"


@contextlib.contextmanager
def control_plane(folder: Path, endpoints, said=None):
    """`said` gets the lines that it has written, when it has ended."""
    said = [] if said is None else said
    command = [
        sys.executable, "-m", "sandbox.control_plane", "--state-dir", str(folder), "--account-id", ACCOUNT, "--region",
        "us-east-1", *(word for one in endpoints.items() for word in ("--data-endpoint", "=".join(one))),
    ]  # fmt: skip
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield json.loads(process.stdout.readline())["url"]
        finally:
            process.terminate()
            said.extend(process.stdout.read().splitlines())


@pytest.fixture(scope="module")
def endpoints(tmp_path_factory):
    """Each data service's endpoint."""
    given = from_environment(os.environ).endpoints()
    if set(given) == set(DATA_SERVICES):
        yield given
        return
    with control_plane(tmp_path_factory.mktemp("backend"), {}) as url:
        yield dict.fromkeys(DATA_SERVICES, url)


@pytest.fixture(scope="module")
def url(tmp_path_factory, endpoints):
    """A control plane in front of the backend."""
    with control_plane(tmp_path_factory.mktemp("state"), endpoints) as url:
        yield url


@pytest.fixture
def client(url, endpoints):
    """Clients of the control plane, or of the backend itself; closed in the end."""
    made = []

    def make(service: str, *, backend: bool = False, key: str = "ASIAROLESOWNKEY00000", endpoint: str | None = None):
        config = Config(retries={"total_max_attempts": 1})
        made.append(
            boto3.client(
                service, endpoint_url=endpoint or (endpoints[service] if backend else url), region_name="us-east-1",
                aws_access_key_id=ACCOUNT if backend else key, aws_secret_access_key="x", config=config,
            )
        )  # fmt: skip
        return made[-1]

    yield make
    for one in made:
        one.close()


def table(name: str, **given) -> dict:
    return {
        "Type": "AWS::DynamoDB::Table",
        "Properties": {
            "TableName": name,
            "BillingMode": "PAY_PER_REQUEST",
            "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
            "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
            **given,
        },
    }


def template(prefix: str, *, value: str = "1", table_properties=None) -> str:
    resources = {
        "Table": table(f"{prefix}-table", **(table_properties or {})),
        "Parameter": {"Type": "AWS::SSM::Parameter", "Properties": {
            "Name": f"/{prefix}/parameter", "Type": "String", "Value": value}},
        "Topic": {"Type": "AWS::SNS::Topic", "Properties": {
            "TopicName": f"{prefix}-topic", "DisplayName": f"d{value}"}},
        "Queue": {"Type": "AWS::SQS::Queue", "Properties": {
            "QueueName": f"{prefix}-queue", "VisibilityTimeout": 20 + int(value)}},
    }  # fmt: skip
    outputs = {
        "Table": {"Ref": "Table"}, "TableArn": {"Fn::GetAtt": ["Table", "Arn"]}, "Parameter": {"Ref": "Parameter"},
        "ParameterValue": {"Fn::GetAtt": ["Parameter", "Value"]}, "Topic": {"Ref": "Topic"},
        "TopicName": {"Fn::GetAtt": ["Topic", "TopicName"]}, "Queue": {"Ref": "Queue"},
        "QueueArn": {"Fn::GetAtt": ["Queue", "Arn"]}, "QueueName": {"Fn::GetAtt": ["Queue", "QueueName"]},
    }  # fmt: skip
    return json.dumps({"Resources": resources, "Outputs": {name: {"Value": value} for name, value in outputs.items()}})


def outputs_of(cloudformation, name: str) -> dict:
    stack = deploying.settled(cloudformation, name)
    assert stack["StackStatus"] in ("CREATE_COMPLETE", "UPDATE_COMPLETE")
    return {one["OutputKey"]: one["OutputValue"] for one in stack["Outputs"]}


def refusal(call) -> str:
    with pytest.raises(ClientError) as error:
        call()
    return str(error.value.response["Error"]["Message"])


def test_a_stacks_data_is_created_updated_and_deleted_on_the_backend(client):
    """The whole life of a table, a parameter, a topic and a queue, seen from the backend's own endpoint."""
    cloudformation = client("cloudformation")
    dynamodb, ssm, sns, sqs = (client(service, backend=True) for service in ("dynamodb", "ssm", "sns", "sqs"))
    living = {"TimeToLiveSpecification": {"AttributeName": "ttl", "Enabled": True}}
    cloudformation.create_stack(StackName="life", TemplateBody=template("life"))
    assert outputs_of(cloudformation, "life") == {
        "Table": "life-table", "TableArn": f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/life-table",
        "Parameter": "/life/parameter", "ParameterValue": "1",
        "Topic": f"arn:aws:sns:us-east-1:{ACCOUNT}:life-topic", "TopicName": "life-topic",
        "Queue": f"https://sqs.us-east-1.amazonaws.com/{ACCOUNT}/life-queue",
        "QueueArn": f"arn:aws:sqs:us-east-1:{ACCOUNT}:life-queue", "QueueName": "life-queue",
    }  # fmt: skip
    topic, queue = f"arn:aws:sns:us-east-1:{ACCOUNT}:life-topic", sqs.get_queue_url(QueueName="life-queue")["QueueUrl"]

    def visibility() -> str:
        answer = client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["All"])
        return str(answer["Attributes"]["VisibilityTimeout"])

    assert visibility() == "21"
    cloudformation.update_stack(StackName="life", TemplateBody=template("life", value="2", table_properties=living))
    outputs_of(cloudformation, "life")
    assert ssm.get_parameter(Name="/life/parameter")["Parameter"]["Value"] == "2"
    assert sns.get_topic_attributes(TopicArn=topic)["Attributes"]["DisplayName"] == "d2"
    assert visibility() == "22"
    lives = dynamodb.describe_time_to_live(TableName="life-table")["TimeToLiveDescription"]
    assert (lives["TimeToLiveStatus"] in ("ENABLED", "ENABLING"), lives["AttributeName"]) == (True, "ttl")

    deploying.delete(cloudformation, "life")
    assert "life-table" not in dynamodb.list_tables()["TableNames"]
    assert ssm.get_parameters(Names=["/life/parameter"])["Parameters"] == []
    assert topic not in [one["TopicArn"] for one in sns.list_topics()["Topics"]]
    refusal(lambda: sqs.get_queue_url(QueueName="life-queue"))


def test_an_index_is_added_to_a_table_and_a_key_is_not_changed(client):
    """What UpdateTable can do is done; what would replace a named table is refused with CloudFormation's text."""
    cloudformation, dynamodb = client("cloudformation"), client("dynamodb", backend=True)

    def document(**given) -> str:
        return json.dumps({"Resources": {"Table": table("indexed", **given)}})

    deploying.create(cloudformation, "indexed", document())
    attributes = [{"AttributeName": name, "AttributeType": "S"} for name in ("id", "other")]
    index = {
        "IndexName": "by-other", "KeySchema": [{"AttributeName": "other", "KeyType": "HASH"}],
        "Projection": {"ProjectionType": "ALL"},
    }  # fmt: skip
    given = {"AttributeDefinitions": attributes, "GlobalSecondaryIndexes": [index]}
    deploying.update(cloudformation, "indexed", document(**given))
    described = dynamodb.describe_table(TableName="indexed")["Table"]
    assert [one["IndexName"] for one in described["GlobalSecondaryIndexes"]] == ["by-other"]

    given["KeySchema"] = [{"AttributeName": "other", "KeyType": "HASH"}]
    refused = deploying.update(cloudformation, "indexed", document(**given))
    assert refused["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    said = deploying.failure(cloudformation, "indexed")
    assert "cannot update a stack when a custom-named resource requires replacing. Rename indexed" in said
    dynamodb.delete_table(TableName="indexed")


def test_a_table_that_is_there_is_taken_over_when_its_keys_are_the_same(client):
    """A backend outlives the sandbox, whose stacks are new each time."""
    cloudformation, dynamodb = client("cloudformation"), client("dynamodb", backend=True)
    document = table("kept")["Properties"]
    dynamodb.create_table(**document)
    dynamodb.put_item(TableName="kept", Item={"id": {"S": "1"}})
    deploying.create(cloudformation, "kept", json.dumps({"Resources": {"Table": table("kept")}}))
    assert "Item" in dynamodb.get_item(TableName="kept", Key={"id": {"S": "1"}})
    dynamodb.create_table(**table("other")["Properties"])
    other = table("other", KeySchema=[{"AttributeName": "x", "KeyType": "HASH"}],
                  AttributeDefinitions=[{"AttributeName": "x", "AttributeType": "S"}])  # fmt: skip
    refused = deploying.create(cloudformation, "other", json.dumps({"Resources": {"Table": other}}))
    assert refused["StackStatus"] == "ROLLBACK_COMPLETE"
    said = deploying.failure(cloudformation, "other")
    assert "expected the backend's table other to have the template's keys and indexes, it has others" in said
    for name in ("kept", "other"):
        dynamodb.delete_table(TableName=name)


def test_a_property_that_the_backend_would_not_get_is_refused(client):
    """Rather than left out in silence."""
    body = json.dumps({"Resources": {"Table": table("odd", ContributorInsightsSpecification={"Enabled": True})}})
    deploying.create(client("cloudformation"), "odd", body)
    said = deploying.failure(client("cloudformation"), "odd")
    assert said.endswith("expected properties that a backend takes, got ContributorInsightsSpecification")


def test_a_templates_parameter_is_read_where_parameters_live(client):
    """`AWS::SSM::Parameter::Value<String>`, as CDK's bootstrap version is read."""
    client("ssm").put_parameter(Name="/read/here", Value="fifteen", Type="String", Overwrite=True)
    document = {
        "Parameters": {"Given": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/read/here"}},
        "Resources": {"Topic": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "read"}}},
        "Outputs": {"Given": {"Value": {"Ref": "Given"}}},
    }
    client("cloudformation").create_stack(StackName="read", TemplateBody=json.dumps(document))
    assert outputs_of(client("cloudformation"), "read") == {"Given": "fifteen"}


def test_every_key_means_the_same_account(client):
    """A role's key, a developer's key and the backend's own reach one table."""
    client("dynamodb", key="test").create_table(**table("shared")["Properties"])
    client("dynamodb", key="ASIAANOTHERROLE00000").put_item(TableName="shared", Item={"id": {"S": "1"}})
    assert client("dynamodb", backend=True).scan(TableName="shared")["Count"] == 1
    client("dynamodb").delete_table(TableName="shared")


def test_a_queues_url_leads_back_through_the_control_plane(client, url):
    """What CreateQueue answers is what send, receive and delete use, and what GetQueueUrl answers."""
    sqs = client("sqs", key="AKIA0000000000000000")
    queue = sqs.create_queue(QueueName="round")["QueueUrl"]
    assert queue == f"{url}/{ACCOUNT}/round"
    assert client("sqs").get_queue_url(QueueName="round")["QueueUrl"] == queue
    assert queue in client("sqs").list_queues()["QueueUrls"]
    sqs.send_message(QueueUrl=queue, MessageBody="hello")
    received = client("sqs").receive_message(QueueUrl=queue, WaitTimeSeconds=2)["Messages"]
    assert [one["Body"] for one in received] == ["hello"]
    sqs.delete_queue(QueueUrl=queue)


def test_a_refusal_of_the_backend_is_the_clients(client):
    """Status, code and text as they came."""
    with pytest.raises(ClientError) as error:
        client("dynamodb").get_item(TableName="nothing", Key={"id": {"S": "1"}})
    assert error.value.response["Error"]["Code"] == "ResourceNotFoundException"


def test_a_backend_that_is_gone_is_503_with_the_next_step(client, tmp_path):
    """Clients try again on 503; the text says where and what, and the sandbox is told once."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        gone = f"http://127.0.0.1:{unused.getsockname()[1]}"
        said: list[str] = []
        with control_plane(tmp_path, {"dynamodb": gone}, said) as url:
            with pytest.raises(ClientError) as error:
                client("dynamodb", endpoint=url).list_tables()
            with pytest.raises(ClientError):
                client("dynamodb", endpoint=url).list_tables()
    assert [json.loads(line) for line in said] == [{"backend.lost": {"url": gone, "reason": "NewConnectionError"}}]
    assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == 503
    text = error.value.response["Error"]["Message"]
    assert text.startswith(f"expected the backend at {gone} to answer for dynamodb, got ")
    assert text.endswith(": start it again")


def test_policies_are_those_that_queues_and_topics_have_there(client, endpoints):
    """A topic's default lets its own account's services in; a queue has none before it is given one."""
    queue = client("sqs").create_queue(QueueName="guarded")["QueueUrl"]
    topic = client("sns").create_topic(Name="guarded")["TopicArn"]
    clock = [0]
    policies = BackendPolicies(
        lambda _: (), endpoints, account_id=ACCOUNT, region="us-east-1", now_ms=lambda: clock[0], read=statements
    )
    arn = f"arn:aws:sqs:us-east-1:{ACCOUNT}:guarded"
    assert policies(topic)
    assert policies(arn) == policies("arn:aws:lambda:us-east-1:123456789012:function:f") == ()
    statement = {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": arn, "Principal": {"AWS": ACCOUNT}}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    client("sqs").set_queue_attributes(QueueUrl=queue, Attributes={"Policy": policy})
    assert policies(arn) == ()
    clock[0] = READ_AGAIN_AFTER_MS
    (allowed,) = policies(arn)
    assert allowed.actions == ("sqs:SendMessage",)
    client("sqs").delete_queue(QueueUrl=queue)
    client("sns").delete_topic(TopicArn=topic)


@pytest.mark.parametrize("service", ["dynamodb", "ssm", "sns", "sqs"])
def test_a_change_of_what_was_deleted_there_fails_and_is_rolled_back(client, service):
    """F-11: as on AWS; left alone it is not looked for, and without it in the template the stack goes on."""
    cloudformation, there = client("cloudformation"), client(service, backend=True)
    name, (logical_id, change) = f"gone-{service}", {
        "dynamodb": ("Table", {"TimeToLiveSpecification": {"AttributeName": "ttl", "Enabled": True}}),
        "ssm": ("Parameter", {"Value": "2"}),
        "sns": ("Topic", {"DisplayName": "d2"}),
        "sqs": ("Queue", {"VisibilityTimeout": 40}),
    }[service]  # fmt: skip
    resource = json.loads(template(name))["Resources"][logical_id]
    changed = resource | {"Properties": resource["Properties"] | change}
    kept = {"Type": "AWS::SSM::Parameter", "Properties": {"Name": f"/{name}/kept", "Type": "String", "Value": "1"}}
    made = deploying.create(cloudformation, name, json.dumps({"Resources": {"R": resource, "Kept": kept}}))
    assert made["StackStatus"] == "CREATE_COMPLETE"
    if service == "dynamodb":
        there.delete_table(TableName=f"{name}-table")
        there.get_waiter("table_not_exists").wait(TableName=f"{name}-table", WaiterConfig={"Delay": 1})
    elif service == "ssm":
        there.delete_parameter(Name=f"/{name}/parameter")
    elif service == "sns":
        there.delete_topic(TopicArn=f"arn:aws:sns:us-east-1:{ACCOUNT}:{name}-topic")
    else:
        there.delete_queue(QueueUrl=there.get_queue_url(QueueName=f"{name}-queue")["QueueUrl"])

    failed = deploying.update(cloudformation, name, json.dumps({"Resources": {"R": changed, "Kept": kept}}))
    assert failed["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert "was not found." in deploying.failure(cloudformation, name)
    gone = deploying.update(cloudformation, name, json.dumps({"Resources": {"Kept": kept}}))
    assert gone["StackStatus"] == "UPDATE_COMPLETE"
    deploying.delete(cloudformation, name)
