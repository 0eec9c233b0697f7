"""CloudFormation as clients meet it: boto3 against a control plane in a process of its own."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.sandbox.control_plane import deploying


def topic(name: str, **more: Any) -> dict:
    return {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": name}} | more


def parameter(name: str, value: Any = "1", **more: Any) -> dict:
    return {"Type": "AWS::SSM::Parameter", "Properties": {"Name": name, "Type": "String", "Value": value}} | more


def body(**resources: dict) -> str:
    return json.dumps({"Resources": resources})


BAD_FUNCTION = {
    "Type": "AWS::Lambda::Function",
    "Properties": {
        "FunctionName": "bad", "Runtime": "python3.11", "Handler": "app.handler",
        "Role": "arn:aws:iam::123456789012:role/r", "Code": {"ZipFile": "def handler(e, c): return 1"},
        "Environment": {"Variables": {"AWS_REGION": "eu-west-1"}},
    },
}  # fmt: skip
"""L-03: Lambda reserves the variable."""


def refusal(call) -> tuple[str, str]:
    with pytest.raises(ClientError) as error:
        call()
    return error.value.response["Error"]["Code"], error.value.response["Error"]["Message"]


def test_a_request_returns_before_the_work_is_done(cloudformation):
    """F-08: only the events and the status say how it goes."""
    cloudformation.create_stack(StackName="s", TemplateBody=body(A=topic("a")))
    events = cloudformation.describe_stack_events(StackName="s")["StackEvents"]
    assert events[-1]["ResourceStatus"] == "CREATE_IN_PROGRESS"
    assert events[-1]["ResourceStatusReason"] == "User Initiated"
    assert deploying.settled(cloudformation, "s")["StackStatus"] == "CREATE_COMPLETE"


def test_a_described_stack_has_the_members_that_clients_read(cloudformation):
    """F-10."""
    document = {
        "Description": "about", "Parameters": {"P": {"Type": "String", "Default": "x"}},
        "Resources": {"A": topic("a")},
        "Outputs": {"Arn": {"Value": {"Ref": "A"}, "Description": "d", "Export": {"Name": "exported"}}},
    }  # fmt: skip
    stack = deploying.create(cloudformation, "s", json.dumps(document), Tags=[{"Key": "k", "Value": "v"}])
    arn = "arn:aws:sns:us-east-1:123456789012:a"
    expected = {
        "StackName": "s", "Description": "about", "Parameters": [{"ParameterKey": "P", "ParameterValue": "x"}],
        "StackStatus": "CREATE_COMPLETE", "DisableRollback": False, "RollbackConfiguration": {},
        "NotificationARNs": [], "EnableTerminationProtection": False, "Tags": [{"Key": "k", "Value": "v"}],
        "DriftInformation": {"StackDriftStatus": "NOT_CHECKED"},
        "Outputs": [{"OutputKey": "Arn", "OutputValue": arn, "Description": "d", "ExportName": "exported"}],
    }  # fmt: skip
    assert {name: stack[name] for name in expected} == expected
    assert cloudformation.list_exports()["Exports"][0]["Value"] == arn
    assert cloudformation.get_template(StackName="s")["TemplateBody"] == document
    (resource,) = cloudformation.describe_stack_resources(StackName="s")["StackResources"]
    assert (resource["LogicalResourceId"], resource["PhysicalResourceId"]) == ("A", arn)


def test_a_failed_creation_is_rolled_back_and_refuses_an_update(cloudformation, client):
    """F-11: nothing of it is left, and only a deletion helps."""
    stack = deploying.create(
        cloudformation, "s", body(A=topic("a"), Bad=BAD_FUNCTION | {"DependsOn": "A"}), Capabilities=["CAPABILITY_IAM"]
    )
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    assert "AWS_REGION" in deploying.failure(cloudformation, "s")
    assert client("sns").list_topics()["Topics"] == []
    code, text = refusal(lambda: cloudformation.update_stack(StackName="s", TemplateBody=body(A=topic("a"))))
    assert (code, text) == (
        "ValidationError", f"Stack:{stack['StackId']} is in ROLLBACK_COMPLETE state and can not be updated.",
    )  # fmt: skip
    deploying.delete(cloudformation, "s")
    assert deploying.create(cloudformation, "s", body(A=topic("a")))["StackStatus"] == "CREATE_COMPLETE"


def test_a_failed_update_keeps_the_old_resources(cloudformation, client):
    """F-11: what it changed is changed back, what it made is deleted, what it would delete is there."""
    deploying.create(cloudformation, "s", body(P=parameter("/p"), Gone=topic("gone")))
    changed = body(P=parameter("/p", "2"), New=topic("new"), Bad=BAD_FUNCTION | {"DependsOn": ["P", "New"]})
    stack = deploying.update(cloudformation, "s", changed)
    assert stack["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert client("ssm").get_parameter(Name="/p")["Parameter"]["Value"] == "1"
    assert [one["TopicArn"].rpartition(":")[2] for one in client("sns").list_topics()["Topics"]] == ["gone"]
    updated = deploying.update(cloudformation, "s", body(P=parameter("/p", "3")))
    assert updated["StackStatus"] == "UPDATE_COMPLETE"
    assert client("sns").list_topics()["Topics"] == []


def test_a_table_is_changed_in_place_with_its_items(cloudformation, client):
    def table(**more: Any) -> str:
        properties = {
            "TableName": "t", "BillingMode": "PAY_PER_REQUEST",
            "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
            "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        }  # fmt: skip
        return body(T={"Type": "AWS::DynamoDB::Table", "Properties": properties | more})

    deploying.create(cloudformation, "s", table())
    dynamodb = client("dynamodb")
    dynamodb.put_item(TableName="t", Item={"id": {"S": "1"}})
    ttl = {"TimeToLiveSpecification": {"AttributeName": "ttl", "Enabled": True}}
    deploying.update(cloudformation, "s", table(**ttl))
    described = dynamodb.describe_time_to_live(TableName="t")["TimeToLiveDescription"]
    assert described["TimeToLiveStatus"] in ("ENABLED", "ENABLING")
    assert "Item" in dynamodb.get_item(TableName="t", Key={"id": {"S": "1"}})


def test_a_name_in_another_stack_is_taken(cloudformation):
    first = deploying.create(cloudformation, "one", body(A=parameter("/same")))
    second = deploying.create(cloudformation, "two", body(A=parameter("/same")))
    assert second["StackStatus"] == "ROLLBACK_COMPLETE"
    assert deploying.failure(cloudformation, "two") == f"/same already exists in stack {first['StackId']}"


def test_what_is_to_be_retained_outlives_its_stack(cloudformation, client):
    deploying.create(cloudformation, "s", body(A=topic("kept", DeletionPolicy="Retain"), B=topic("gone")))
    deploying.delete(cloudformation, "s")
    (left,) = client("sns").list_topics()["Topics"]
    assert left["TopicArn"].endswith(":kept")
    client("sns").delete_topic(TopicArn=left["TopicArn"])


def test_a_change_set_makes_a_stack_under_review_and_then_the_stack(cloudformation):
    """F-06, F-08: the stack keeps its id."""
    made = cloudformation.create_change_set(
        StackName="s", ChangeSetName="cdk", ChangeSetType="CREATE", TemplateBody=body(A=topic("a"))
    )
    described = cloudformation.describe_change_set(StackName="s", ChangeSetName="cdk")
    assert (described["Status"], described["ExecutionStatus"]) == ("CREATE_COMPLETE", "AVAILABLE")
    assert [one["ResourceChange"]["Action"] for one in described["Changes"]] == ["Add"]
    (stack,) = cloudformation.describe_stacks(StackName="s")["Stacks"]
    assert (stack["StackStatus"], stack["StackId"]) == ("REVIEW_IN_PROGRESS", made["StackId"])
    cloudformation.execute_change_set(StackName="s", ChangeSetName="cdk")
    stack = deploying.settled(cloudformation, "s")
    assert (stack["StackStatus"], stack["StackId"], stack["ChangeSetId"]) == (
        "CREATE_COMPLETE", made["StackId"], made["Id"],
    )  # fmt: skip


def test_a_change_set_says_that_it_has_no_values(cloudformation):
    """F-06: to those who ask for the values of properties, in the words that CloudFormation has for it."""
    about = {"StackName": "s", "ChangeSetName": "cdk"}
    cloudformation.create_change_set(**about, ChangeSetType="CREATE", TemplateBody=body(A=topic("a")))
    assert "StatusReason" not in cloudformation.describe_change_set(**about)
    asked = cloudformation.describe_change_set(**about, IncludePropertyValues=True)
    assert asked["StatusReason"].startswith("[WARN] --include-property-values option can return incomplete ChangeSet")


def test_an_empty_change_set_says_so(cloudformation):
    """F-07."""
    deploying.create(cloudformation, "s", body(A=topic("a")))
    cloudformation.create_change_set(
        StackName="s", ChangeSetName="same", ChangeSetType="UPDATE", TemplateBody=body(A=topic("a"))
    )
    described = cloudformation.describe_change_set(StackName="s", ChangeSetName="same")
    assert (described["Status"], described["ExecutionStatus"]) == ("FAILED", "UNAVAILABLE")
    assert described["StatusReason"].startswith("The submitted information didn't contain changes.")


def test_the_deletion_of_no_change_set_succeeds_while_its_stack_is_there(cloudformation):
    """F-06: the CDK CLI deletes one of its name before it makes one."""
    deploying.create(cloudformation, "s", body(A=topic("a")))
    cloudformation.delete_change_set(StackName="s", ChangeSetName="cdk-deploy-change-set")
    assert refusal(lambda: cloudformation.describe_change_set(StackName="s", ChangeSetName="none")) == (
        "ChangeSetNotFound", "ChangeSet [none] does not exist",
    )  # fmt: skip


def test_refusals_are_cloudformations(cloudformation):
    """F-03, F-10, F-12: nothing of what is refused exists afterwards."""
    role = {"Type": "AWS::IAM::Role", "Properties": {"RoleName": "x", "AssumeRolePolicyDocument": {"Statement": []}}}
    stored = {
        "Parameters": {"B": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/none"}},
        "Resources": {"A": topic("a")},
    }
    deploying.create(cloudformation, "s", body(A=topic("a")))

    def creates(name: str, text: str) -> tuple[str, str]:
        return refusal(lambda: cloudformation.create_stack(StackName=name, TemplateBody=text))

    assert creates("s", body(A=topic("a"))) == ("AlreadyExistsException", "Stack [s] already exists")
    assert creates("x", body(R=role)) == (
        "InsufficientCapabilitiesException", "Requires capabilities : [CAPABILITY_NAMED_IAM]",
    )  # fmt: skip
    assert creates("x", json.dumps(stored)) == (
        "ValidationError", "Unable to fetch parameters [/none] from parameter store for this account.",
    )  # fmt: skip
    assert creates("x", body(C={"Type": "Custom::Thing"})) == (
        "ValidationError", "custom resources are not emulated by the sandbox, got Custom::Thing",
    )  # fmt: skip
    assert refusal(lambda: cloudformation.update_stack(StackName="s", TemplateBody=body(A=topic("a")))) == (
        "ValidationError", "No updates are to be performed.",
    )  # fmt: skip
    assert refusal(lambda: cloudformation.describe_stacks(StackName="x")) == (
        "ValidationError", "Stack with id x does not exist",
    )  # fmt: skip


def test_a_template_over_51200_bytes_comes_from_s3(cloudformation, client):
    """F-12."""
    text = body(A=parameter("/p"), **{f"T{number}": topic(f"t{number}") for number in range(4)})
    long = json.dumps(json.loads(text) | {"Metadata": {"long": "x" * 51_200}})
    code, said = refusal(lambda: cloudformation.create_stack(StackName="s", TemplateBody=long))
    assert (code, "less than or equal to 51200" in said) == ("ValidationError", True)
    s3 = client("s3")
    s3.create_bucket(Bucket="templates")
    s3.put_object(Bucket="templates", Key="t.json", Body=long)
    url = f"{s3.meta.endpoint_url}/templates/t.json"
    cloudformation.create_stack(StackName="s", TemplateURL=url)
    assert deploying.settled(cloudformation, "s")["StackStatus"] == "CREATE_COMPLETE"


def test_a_protected_stack_is_not_deleted(cloudformation):
    deploying.create(cloudformation, "s", body(A=topic("a")), EnableTerminationProtection=True)
    assert refusal(lambda: cloudformation.delete_stack(StackName="s")) == (
        "ValidationError", "Stack [s] cannot be deleted while TerminationProtection is enabled",
    )  # fmt: skip
    cloudformation.update_termination_protection(StackName="s", EnableTerminationProtection=False)


def test_a_deleted_stack_is_found_by_its_id_alone(cloudformation):
    """F-10."""
    stack = deploying.create(cloudformation, "s", body(A=topic("a")))
    deploying.delete(cloudformation, "s")
    (found,) = cloudformation.describe_stacks(StackName=stack["StackId"])["Stacks"]
    assert found["StackStatus"] == "DELETE_COMPLETE"
