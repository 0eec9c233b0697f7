"""A function may do what its role allows and no more: real calls of boto3 within a function, refused in AWS's words."""

import io
import json
import time
import zipfile
from typing import Any

import boto3
import pytest

from sandbox.testing import running

pytestmark = [pytest.mark.e2e, pytest.mark.own_sandbox]

ACCOUNT = "123456789012"
HERE = f"us-east-1:{ACCOUNT}"
ASKS = """
import boto3
from botocore.exceptions import ClientError

def handler(event, context):
    client = boto3.client(event["service"], **event.get("client", {}))
    try:
        getattr(client, event["method"])(**event["parameters"])
    except ClientError as error:
        said = error.response
        return [said["ResponseMetadata"]["HTTPStatusCode"], said["Error"]["Code"], said["Error"]["Message"]]
    return "done"
"""
TRUST = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
LOGS = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
USER = f"User: arn:aws:sts::{ACCOUNT}:assumed-role/asks-role/asks is not authorized to perform:"


class Deployed:
    """A function that asks AWS whatever it is told to, with a role that tests give policies to."""

    def __init__(self, sandbox) -> None:
        self.sandbox = sandbox
        self.folder = sandbox.begin_run()
        self._clients: dict[str, Any] = {}
        role = self.aws("iam").create_role(
            RoleName="asks-role", AssumeRolePolicyDocument=json.dumps({"Statement": [TRUST]})
        )["Role"]["Arn"]
        self.aws("iam").attach_role_policy(RoleName="asks-role", PolicyArn=LOGS)
        self.aws("lambda").create_function(
            FunctionName="asks", Runtime="python3.11", Role=role, Handler="asks.handler", Code={"ZipFile": zipped()},
            Timeout=30,
        )  # fmt: skip
        for name in ("open", "closed"):
            self.aws("dynamodb").create_table(
                TableName=name, BillingMode="PAY_PER_REQUEST",
                AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
                KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
            )  # fmt: skip
            self.aws("ssm").put_parameter(Name=f"/{name}", Value="v", Type="String")
            self.aws("sns").create_topic(Name=name)
            self.aws("sqs").create_queue(QueueName=name)

    def aws(self, service: str) -> Any:
        """A client of whoever deploys."""
        if service not in self._clients:
            self._clients[service] = boto3.client(
                service, endpoint_url=self.sandbox.state.endpointUrl, region_name="us-east-1",
                aws_access_key_id="x", aws_secret_access_key="x",
            )  # fmt: skip
        return self._clients[service]

    def queue(self, name: str) -> str:
        return str(self.aws("sqs").get_queue_url(QueueName=name)["QueueUrl"])

    def allow(self, *statements: dict[str, Any]) -> None:
        document = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
        self.aws("iam").put_role_policy(RoleName="asks-role", PolicyName="own", PolicyDocument=document)

    def ask(self, service: str, method: str, **parameters: Any) -> Any:
        """What the function was answered: "done", or status, code and message."""
        payload = json.dumps({"service": service, "method": method, "parameters": parameters})
        answer = self.aws("lambda").invoke(FunctionName="asks", Payload=payload)
        with answer["Payload"] as body:
            found = json.load(body)
        assert "FunctionError" not in answer, found
        return found

    def denied(self) -> list[dict[str, Any]]:
        """The refusals that the journal has."""
        return [dict(event) for event in self.sandbox.events(self.folder) if event["kind"] == "iam.denied"]

    def close(self) -> None:
        for client in self._clients.values():
            client.close()


def zipped() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as content:
        content.writestr("asks.py", ASKS)
    return buffer.getvalue()


def statement(action: str, resource: str, effect: str = "Allow") -> dict[str, Any]:
    return {"Effect": effect, "Action": action, "Resource": resource}


@pytest.fixture(scope="module")
def deployed(tmp_path_factory):
    with running(tmp_path_factory.mktemp("permissions"), empty=True) as sandbox:
        made = Deployed(sandbox)
        yield made
        made.close()


CALLS = [
    ("dynamodb", "put_item", "dynamodb:PutItem", "dynamodb:PutItem", f"arn:aws:dynamodb:{HERE}:table/",
     lambda _, name: {"TableName": name, "Item": {"k": {"S": "1"}}}, 400, "AccessDeniedException"),
    ("ssm", "get_parameter", "ssm:GetParameter", "ssm:GetParameter", f"arn:aws:ssm:{HERE}:parameter/",
     lambda _, name: {"Name": f"/{name}"}, 400, "AccessDeniedException"),
    ("sqs", "send_message", "sqs:SendMessage", "sqs:sendmessage", f"arn:aws:sqs:{HERE}:",
     lambda deployed, name: {"QueueUrl": deployed.queue(name), "MessageBody": "m"}, 403, "AccessDenied"),
    ("sns", "publish", "sns:Publish", "SNS:Publish", f"arn:aws:sns:{HERE}:",
     lambda _, name: {"TopicArn": f"arn:aws:sns:{HERE}:{name}", "Message": "m"}, 403, "AuthorizationError"),
]  # fmt: skip


@pytest.mark.parametrize(("service", "method", "action", "said", "resource", "parameters", "status", "code"), CALLS)
def test_a_call_passes_on_the_named_resource_and_no_other(
    deployed, service, method, action, said, resource, parameters, status, code
):
    """The same action, another resource: AWS's text names who, what and on what."""
    deployed.allow(statement(action, f"{resource}open"))
    assert deployed.ask(service, method, **parameters(deployed, "open")) == "done"
    assert deployed.ask(service, method, **parameters(deployed, "closed")) == [
        status, code,
        f"{USER} {said} on resource: {resource}closed because no identity-based policy allows the {said} action",
    ]  # fmt: skip
    refusal = deployed.denied()[-1]
    assert {key: refusal[key] for key in ("function", "role", "action", "resource", "enforced")} == {
        "function": "asks", "role": "asks-role", "action": action, "resource": f"{resource}closed", "enforced": True,
    }  # fmt: skip


def test_services_that_the_edge_answers_are_checked_too(deployed):
    """Invoke, Translate and Polly; these two have no resources and say so."""
    deployed.allow(statement("lambda:InvokeFunction", f"arn:aws:lambda:{HERE}:function:other"))
    text = {"Text": "x", "SourceLanguageCode": "en", "TargetLanguageCode": "es"}
    speech = {"Text": "x", "VoiceId": "Lupe", "OutputFormat": "mp3", "Engine": "neural"}
    function = f"arn:aws:lambda:{HERE}:function:asks"
    refused = "because no identity-based policy allows the"
    assert deployed.ask("lambda", "invoke", FunctionName="asks", InvocationType="Event") == [
        403, "AccessDeniedException",
        f"{USER} lambda:InvokeFunction on resource: {function} {refused} lambda:InvokeFunction action",
    ]  # fmt: skip
    assert deployed.ask("translate", "translate_text", **text) == [
        400, "AccessDeniedException", f"{USER} translate:TranslateText {refused} translate:TranslateText action",
    ]  # fmt: skip
    assert deployed.ask("polly", "synthesize_speech", **speech) == [
        403, "AccessDeniedException", f"{USER} polly:SynthesizeSpeech {refused} polly:SynthesizeSpeech action",
    ]  # fmt: skip
    deployed.allow(statement("translate:TranslateText", "*"), statement("polly:SynthesizeSpeech", "*"))
    assert deployed.ask("translate", "translate_text", **text) == "done"
    assert deployed.ask("polly", "synthesize_speech", **speech) == "done"


def test_an_explicit_deny_wins_and_says_so(deployed):
    """Whatever else the role allows."""
    table = f"arn:aws:dynamodb:{HERE}:table/open"
    deployed.allow(statement("*", "*"), statement("dynamodb:DeleteItem", table, "Deny"))
    _, _, message = deployed.ask("dynamodb", "delete_item", TableName="open", Key={"k": {"S": "1"}})
    assert message == (
        f"{USER} dynamodb:DeleteItem on resource: {table} with an explicit deny in an identity-based policy"
    )


def test_a_queues_own_policy_may_let_a_role_in(deployed):
    """In one account either policy is enough."""
    deployed.allow(statement("sts:AssumeRole", "*"))
    queue = deployed.queue("closed")
    assert deployed.ask("sqs", "send_message", QueueUrl=queue, MessageBody="m") != "done"
    policy = {
        "Statement": [
            statement("sqs:SendMessage", f"arn:aws:sqs:{HERE}:closed")
            | {"Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:role/asks-role"}}
        ]
    }
    deployed.aws("sqs").set_queue_attributes(QueueUrl=queue, Attributes={"Policy": json.dumps(policy)})
    assert deployed.ask("sqs", "send_message", QueueUrl=queue, MessageBody="m") == "done"
    deployed.aws("sqs").set_queue_attributes(QueueUrl=queue, Attributes={"Policy": ""})


def test_without_permission_there_is_no_log(deployed):
    """Lambda writes the log as the role; the refusal is told once, and what the function does is its own affair."""
    deployed.allow(statement("sts:*", "*"))
    iam = deployed.aws("iam")
    iam.detach_role_policy(RoleName="asks-role", PolicyArn=LOGS)
    folder = deployed.folder = deployed.sandbox.begin_run()
    assert deployed.ask("sts", "get_caller_identity") == "done"
    assert deployed.ask("sts", "get_caller_identity") == "done"
    found = deployed.sandbox.events(folder)
    assert [one["kind"] for one in found if one["kind"] in ("lambda.log", "iam.denied")] == ["iam.denied"]
    iam.attach_role_policy(RoleName="asks-role", PolicyArn=LOGS)


def test_who_the_caller_is_needs_no_permission(deployed):
    """`sts:GetCallerIdentity`, as on AWS."""
    deployed.allow(statement("sqs:*", "*"))
    assert deployed.ask("sts", "get_caller_identity") == "done"


def test_a_queue_is_polled_only_by_a_role_that_may(deployed):
    """The mapping is refused for what is missing first, and made when nothing is."""
    queue = f"arn:aws:sqs:{HERE}:open"
    mapping = {"FunctionName": "asks", "EventSourceArn": queue}
    functions = deployed.aws("lambda")
    deployed.allow(statement("sqs:ReceiveMessage", queue))
    with pytest.raises(functions.exceptions.InvalidParameterValueException) as raised:
        functions.create_event_source_mapping(**mapping)
    assert raised.value.response["Error"]["Message"] == (
        "The provided execution role does not have permissions to call DeleteMessage on SQS"
    )
    deployed.allow(
        *(statement(f"sqs:{one}", queue) for one in ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes"))
    )
    made = functions.create_event_source_mapping(**mapping)
    functions.delete_event_source_mapping(UUID=made["UUID"])


def test_a_rule_invokes_only_a_function_that_lets_it_in(deployed):
    """Without the function's permission the rule fires in vain, and the journal says what is missing."""
    events = deployed.aws("events")
    rule = events.put_rule(Name="every-minute", ScheduleExpression="rate(1 minute)")["RuleArn"]
    function = f"arn:aws:lambda:{HERE}:function:asks"
    event = json.dumps({"service": "sts", "method": "get_caller_identity", "parameters": {}})
    events.put_targets(Rule="every-minute", Targets=[{"Id": "asks", "Arn": function, "Input": event}])

    def missed() -> list[Any]:
        deployed.sandbox.advance_clock(60_000)
        return [one for one in deployed.denied() if one.get("source") == rule]

    missing = until(missed)
    assert (missing[0]["service"], missing[0]["action"]) == ("events.amazonaws.com", "lambda:InvokeFunction")
    deployed.aws("lambda").add_permission(
        FunctionName="asks", StatementId="events", Action="lambda:InvokeFunction", Principal="events.amazonaws.com",
        SourceArn=rule,
    )  # fmt: skip

    def ended() -> list[Any]:
        deployed.sandbox.advance_clock(60_000)
        found = deployed.sandbox.events(deployed.folder)
        return [one for one in found if one["kind"] == "lambda.invoke" and one["source"] == "events.amazonaws.com"]

    assert until(ended)[0]["function"] == "asks"
    events.remove_targets(Rule="every-minute", Ids=["asks"])
    events.delete_rule(Name="every-minute")


def test_an_alarm_tells_only_a_topic_that_lets_it_in(deployed):
    """CloudWatch publishes as a service: the topic's policy decides."""
    topic = f"arn:aws:sns:{HERE}:closed"
    alarm = f"arn:aws:cloudwatch:{HERE}:alarm:quiet"
    somebody_else = statement("SNS:Publish", topic) | {"Principal": {"Service": "events.amazonaws.com"}}
    deployed.aws("sns").set_topic_attributes(
        TopicArn=topic, AttributeName="Policy", AttributeValue=json.dumps({"Statement": [somebody_else]})
    )
    deployed.aws("cloudwatch").put_metric_alarm(
        AlarmName="quiet", Namespace="N", MetricName="M", Statistic="Sum", Period=60, EvaluationPeriods=1, Threshold=1,
        ComparisonOperator="GreaterThanThreshold", TreatMissingData="notBreaching", OKActions=[topic],
    )  # fmt: skip
    missing = until(lambda: [one for one in deployed.denied() if one.get("source") == alarm])
    assert (missing[0]["service"], missing[0]["action"]) == ("cloudwatch.amazonaws.com", "sns:Publish")
    assert missing[0]["resource"] == topic


def until(found):
    """What is found once it is there."""
    deadline = time.monotonic() + 20
    while not (there := found()):
        assert time.monotonic() < deadline, "nothing came within 20 s"
    return there
