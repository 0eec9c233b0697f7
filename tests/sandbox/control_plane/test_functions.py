"""Functions, layers and mappings as an AWS client makes and changes them: states, refusals, what is kept."""

import contextlib
import json

import pytest
from botocore.exceptions import ClientError

from sandbox.control_plane.function_rules import UNZIPPED_BYTES, ZIPPED_BYTES
from tests.sandbox.control_plane import deploying
from tests.sandbox.control_plane.asked import ROLE, feed, refusal, zipped
from tests.sandbox.control_plane.conftest import STATE_MS

GIVEN = {
    "FunctionName": "f", "Runtime": "python3.11", "Role": ROLE, "Handler": "app.handler", "Code": {"ZipFile": zipped()},
}  # fmt: skip
ARN = "arn:aws:lambda:us-east-1:123456789012:function:f"


@pytest.fixture
def lambda_(client):
    """A client, after which no function is left."""
    made = client("lambda")
    yield made
    with contextlib.suppress(ClientError):
        made.delete_function(FunctionName="f")


def configured(lambda_) -> dict:
    found: dict = lambda_.get_function_configuration(FunctionName="f")
    return found


def test_a_new_function_is_pending_and_then_active(lambda_, later):
    """L-32: the waiters of every SDK go by these states."""
    made = lambda_.create_function(**GIVEN)
    assert (made["State"], made["StateReasonCode"], "LastUpdateStatus" in made) == ("Pending", "Creating", False)
    later(STATE_MS)
    found = configured(lambda_)
    assert (found["State"], found["LastUpdateStatus"], "StateReasonCode" in found) == ("Active", "Successful", False)


def test_a_pending_function_takes_no_change(lambda_, url):
    """L-32; the data plane is told from when on it can be invoked."""
    lambda_.create_function(**GIVEN)
    active_ms = feed(url).functions["f"].active_ms
    answer = refusal(lambda: lambda_.update_function_configuration(FunctionName="f", Timeout=5))
    assert answer == (
        "ResourceConflictException",
        "The operation cannot be performed at this time. The function is currently in the following state: Pending",
    )
    assert active_ms > 0


def test_an_update_is_in_progress_for_a_while_and_takes_no_other(lambda_, later):
    """L-32."""
    lambda_.create_function(**GIVEN)
    later(STATE_MS)
    changed = lambda_.update_function_code(FunctionName="f", ZipFile=zipped("x = 2"))
    assert (changed["State"], changed["LastUpdateStatus"]) == ("Active", "InProgress")
    answer = refusal(lambda: lambda_.update_function_code(FunctionName="f", ZipFile=zipped("x = 3")))
    assert answer == (
        "ResourceConflictException",
        f"The operation cannot be performed at this time. An update is in progress for resource: {ARN}",
    )
    later(STATE_MS)
    assert configured(lambda_)["CodeSha256"] == changed["CodeSha256"]


def test_a_reserved_variable_is_refused_at_creation_and_at_update(lambda_):
    """L-04."""
    variables = {"Variables": {"AWS_REGION": "x"}}
    code, message = refusal(lambda: lambda_.create_function(**GIVEN, Environment=variables))
    assert (code, message.rpartition(": ")[2]) == ("InvalidParameterValueException", "AWS_REGION")
    lambda_.create_function(**GIVEN)
    code, _ = refusal(lambda: lambda_.update_function_configuration(FunctionName="f", Environment=variables))
    assert code == "InvalidParameterValueException"


@pytest.mark.parametrize("given", [{"MemorySize": 10_241}, {"Timeout": 901}, {"Runtime": "python3.7"}])
def test_what_is_out_of_range_makes_no_function(lambda_, given):
    """L-30, L-31."""
    code, _ = refusal(lambda: lambda_.create_function(**{**GIVEN, **given}))
    assert code in ("ValidationException", "InvalidParameterValueException")
    assert refusal(lambda: configured(lambda_)) == ("ResourceNotFoundException", f"Function not found: {ARN}")


def test_a_layer_that_is_not_there_is_named(lambda_):
    """L-28."""
    arn = "arn:aws:lambda:us-east-1:123456789012:layer:none:1"
    assert refusal(lambda: lambda_.create_function(**GIVEN, Layers=[arn])) == (
        "InvalidParameterValueException", f"Layer version {arn} does not exist.",
    )  # fmt: skip


def test_code_and_layers_together_have_a_size(lambda_, later):
    """L-29: a layer at the limit leaves nothing for the code, and a refused update leaves the function as it was."""
    layer = lambda_.publish_layer_version(LayerName="big", Content={"ZipFile": zipped("\0" * UNZIPPED_BYTES)})
    code, message = refusal(lambda: lambda_.create_function(**GIVEN, Layers=[layer["LayerVersionArn"]]))
    assert (code, message.split(" exceeds")[0]) == (
        "InvalidParameterValueException", "Function code combined with layers",
    )  # fmt: skip
    lambda_.create_function(**GIVEN)
    later(STATE_MS)
    before = configured(lambda_)
    change = {"Layers": [layer["LayerVersionArn"]], "Timeout": 9}
    assert refusal(lambda: lambda_.update_function_configuration(FunctionName="f", **change))[0] == code
    after = configured(lambda_)
    assert (after["Timeout"], after.get("Layers")) == (before["Timeout"], before.get("Layers"))


def test_an_archive_in_the_request_has_a_size(lambda_):
    """L-29: 413."""
    code = {"ZipFile": b"\0" * (ZIPPED_BYTES + 1)}
    assert refusal(lambda: lambda_.create_function(**{**GIVEN, "Code": code})) == (
        "RequestEntityTooLargeException", "Zipped size must be smaller than 52428800 bytes",
    )  # fmt: skip


def test_a_functions_recursion_is_set_and_shown(lambda_, url):
    """L-33: Terminate until it is allowed."""
    lambda_.create_function(**GIVEN)
    assert lambda_.get_function_recursion_config(FunctionName="f")["RecursiveLoop"] == "Terminate"
    lambda_.put_function_recursion_config(FunctionName="f", RecursiveLoop="Allow")
    assert feed(url).functions["f"].recursive_loop == "Allow"
    assert lambda_.get_function_recursion_config(FunctionName="f")["RecursiveLoop"] == "Allow"


def test_a_reservation_that_leaves_too_little_is_refused(lambda_, url):
    """L-27."""
    lambda_.create_function(**GIVEN)
    lambda_.put_function_concurrency(FunctionName="f", ReservedConcurrentExecutions=900)
    assert feed(url).functions["f"].reserved_concurrency == 900
    code, message = refusal(
        lambda: lambda_.put_function_concurrency(FunctionName="f", ReservedConcurrentExecutions=901)
    )
    assert (code, "[100]" in message) == ("InvalidParameterValueException", True)


def test_event_configuration_and_dead_letters_reach_the_data_plane(lambda_, url):
    """L-25, L-26: an update of one setting keeps the others."""
    queue = "arn:aws:sqs:us-east-1:123456789012:dead"
    lambda_.create_function(**GIVEN, DeadLetterConfig={"TargetArn": queue}, EphemeralStorage={"Size": 1024})
    destinations = {"OnFailure": {"Destination": queue}, "OnSuccess": {"Destination": queue}}
    lambda_.put_function_event_invoke_config(FunctionName="f", MaximumRetryAttempts=0, DestinationConfig=destinations)
    lambda_.update_function_event_invoke_config(FunctionName="f", MaximumEventAgeInSeconds=60)
    function = feed(url).functions["f"]
    assert (function.dead_letter_arn, function.on_failure_arn, function.on_success_arn) == (queue, queue, queue)
    assert (function.maximum_retry_attempts, function.maximum_event_age_s) == (0, 60)
    assert function.ephemeral_storage_mb == 1024
    assert configured(lambda_)["DeadLetterConfig"] == {"TargetArn": queue}


def test_a_template_that_lambda_refuses_says_why(client):
    """L-04, L-31: the resource handler's words, in CloudFormation's protocol."""
    properties = {
        "FunctionName": "h", "Runtime": "python3.11", "Handler": "index.handler", "Role": ROLE, "MemorySize": 127,
        "Code": {"ZipFile": "x = 1"},
    }  # fmt: skip
    body = json.dumps({"Resources": {"H": {"Type": "AWS::Lambda::Function", "Properties": properties}}})
    cloudformation = client("cloudformation")
    assert deploying.create(cloudformation, "h", body)["StackStatus"] == "ROLLBACK_COMPLETE"
    message = deploying.failure(cloudformation, "h")
    deploying.delete(cloudformation, "h")
    assert message.startswith("Resource handler returned message: \"1 validation error detected: Value '127'")
    assert "(Service: Lambda, Status Code: 400, Request ID: " in message


def test_a_queue_must_hide_its_messages_as_long_as_the_function_may_run(lambda_, client):
    """Lambda's text for the first mistake that everybody makes with an event source."""
    queue = client("sqs").create_queue(QueueName="short")["QueueUrl"]
    arn = client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    lambda_.create_function(**GIVEN, Timeout=60)
    assert refusal(lambda: lambda_.create_event_source_mapping(FunctionName="f", EventSourceArn=arn)) == (
        "InvalidParameterValueException",
        "Queue visibility timeout: 30 seconds is less than Function timeout: 60 seconds",
    )


def test_a_template_gives_and_takes_back_every_property(client, url):
    """What a later template no longer names has its default again."""
    cloudformation = client("cloudformation")
    properties = {
        "FunctionName": "g", "Runtime": "python3.11", "Handler": "index.handler", "Role": ROLE,
        "Code": {"ZipFile": "def handler(event, context): return 1"},
    }  # fmt: skip
    more = {
        "MemorySize": "256", "EphemeralStorage": {"Size": 1024}, "ReservedConcurrentExecutions": 5,
        "Environment": {"Variables": {"MINE": "1"}}, "RecursiveLoop": "Allow",
        "DeadLetterConfig": {"TargetArn": "arn:aws:sqs:us-east-1:123456789012:dead"},
    }  # fmt: skip

    def body(given) -> str:
        return json.dumps({"Resources": {"G": {"Type": "AWS::Lambda::Function", "Properties": given}}})

    deploying.create(cloudformation, "g", body({**properties, **more}))
    made = feed(url).functions["g"]
    assert (made.memory_mb, made.ephemeral_storage_mb, made.reserved_concurrency) == (256, 1024, 5)
    assert (made.environment, made.recursive_loop, made.active_ms) == ({"MINE": "1"}, "Allow", 0)
    assert made.dead_letter_arn is not None
    deploying.update(cloudformation, "g", body(properties))
    plain = feed(url).functions["g"]
    assert (plain.memory_mb, plain.environment, plain.recursive_loop) == (128, {}, "Terminate")
    assert (plain.dead_letter_arn, plain.reserved_concurrency) == (None, None)
    deploying.delete(cloudformation, "g")


EMPTY = b"PK\x05\x06" + bytes(18)
"""An archive without a file, which is what CDK makes of an asset's folder that is no more."""


def template(key: str) -> str:
    properties = {**{name: GIVEN[name] for name in ("FunctionName", "Runtime", "Role", "Handler")},
                  "Code": {"S3Bucket": "code-of-f", "S3Key": key}}  # fmt: skip
    return json.dumps({"Resources": {"F": {"Type": "AWS::Lambda::Function", "Properties": properties}}})


NO_KEY = "Error occurred while GetObject. S3 Error Code: NoSuchKey. S3 Error Message: The specified key does not exist."


@pytest.mark.parametrize(
    ("key", "text"), [("empty.zip", "Uploaded file must be a non-empty zip"), ("missing.zip", NO_KEY)]
)
def test_code_that_is_not_there_is_refused_and_what_was_there_stays(lambda_, client, later, key, text):
    """L-29: an archive without a file and an object that does not exist, by the API and in a stack; the next try
    works."""
    s3, cloudformation = client("s3"), client("cloudformation")
    s3.create_bucket(Bucket="code-of-f")
    s3.put_object(Bucket="code-of-f", Key="empty.zip", Body=EMPTY)
    s3.put_object(Bucket="code-of-f", Key="good.zip", Body=zipped())
    invalid, bad = "InvalidParameterValueException", {"S3Bucket": "code-of-f", "S3Key": key}
    assert refusal(lambda: lambda_.create_function(**{**GIVEN, "Code": bad})) == (invalid, text)
    assert refusal(lambda: configured(lambda_))[0] == "ResourceNotFoundException"
    lambda_.create_function(**GIVEN)
    later(STATE_MS)
    before = configured(lambda_)["CodeSha256"]
    assert refusal(lambda: lambda_.update_function_code(FunctionName="f", **bad)) == (invalid, text)
    assert configured(lambda_)["CodeSha256"] == before
    lambda_.delete_function(FunctionName="f")

    assert deploying.create(cloudformation, "coded", template(key))["StackStatus"] == "ROLLBACK_COMPLETE"
    assert text in deploying.failure(cloudformation, "coded")
    deploying.delete(cloudformation, "coded")
    deploying.create(cloudformation, "coded", template("good.zip"))
    before = configured(lambda_)["CodeSha256"]
    assert deploying.update(cloudformation, "coded", template(key))["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert text in deploying.failure(cloudformation, "coded")
    assert configured(lambda_)["CodeSha256"] == before
    deploying.delete(cloudformation, "coded")
    for name in ("empty.zip", "good.zip"):
        s3.delete_object(Bucket="code-of-f", Key=name)
    s3.delete_bucket(Bucket="code-of-f")


def test_a_layer_without_a_file_is_refused(client):
    """L-29."""
    lambda_ = client("lambda")
    answer = refusal(lambda: lambda_.publish_layer_version(LayerName="empty", Content={"ZipFile": EMPTY}))
    assert answer == ("InvalidParameterValueException", "Uploaded file must be a non-empty zip")
    assert lambda_.list_layer_versions(LayerName="empty")["LayerVersions"] == []
