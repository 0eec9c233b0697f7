"""AWS's own CDK CLI against a sandbox that starts empty: every kind of deployment, as on AWS."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from websockets.sync.client import connect

from sandbox.testing import RunningSandbox, running

from .cdk_cli import ENVIRONMENT, STACK, client_of, deploy, described, run, stack_assembly
from .installed_tools import installed

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def cdk(tmp_path_factory) -> Path:
    return installed(tmp_path_factory.mktemp("bin")) / "cdk"


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory) -> Iterator[RunningSandbox]:
    with running(tmp_path_factory.mktemp("empty"), empty=True) as started:
        yield started


def assembly(
    folder: Path, *, answer: str = "first", routes: tuple[str, ...] = (), memory_mb: int = 128, **more
) -> Path:
    """A function that answers, and an API whose routes fail."""
    code = f"def handler(event, _):\n    return 1 / 0 if 'requestContext' in event else {{'answer': {answer!r}}}"
    trusted = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}
    resources = {
        "Role": {
            "Type": "AWS::IAM::Role",
            "Properties": {"AssumeRolePolicyDocument": {"Statement": [trusted]}},
        },
        "Function": {
            "Type": "AWS::Lambda::Function",
            "Properties": {
                "FunctionName": "echo", "Runtime": "python3.11", "Handler": "index.handler", "MemorySize": memory_mb,
                "Role": {"Fn::GetAtt": ["Role", "Arn"]}, "Code": {"ZipFile": code},
            },
        },
        "Permission": {
            "Type": "AWS::Lambda::Permission",
            "Properties": {
                "Action": "lambda:InvokeFunction", "FunctionName": {"Ref": "Function"},
                "Principal": "apigateway.amazonaws.com",
            },
        },
        "Api": {
            "Type": "AWS::ApiGatewayV2::Api",
            "Properties": {
                "Name": "echo", "ProtocolType": "WEBSOCKET", "RouteSelectionExpression": "$request.body.action",
            },
        },
        "Stage": {
            "Type": "AWS::ApiGatewayV2::Stage",
            "Properties": {"ApiId": {"Ref": "Api"}, "StageName": "prod", "AutoDeploy": True},
        },
        "Integration": {
            "Type": "AWS::ApiGatewayV2::Integration",
            "Properties": {
                "ApiId": {"Ref": "Api"}, "IntegrationType": "AWS_PROXY",
                "IntegrationUri": {
                    "Fn::Sub": "arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Function.Arn}"
                    "/invocations"
                },
            },
        },
        **{
            f"Route{name}": {
                "Type": "AWS::ApiGatewayV2::Route",
                "Properties": {
                    "ApiId": {"Ref": "Api"}, "RouteKey": name, "Target": {"Fn::Sub": "integrations/${Integration}"},
                },
            }
            for name in routes
        },
    }  # fmt: skip
    outputs = {"ApiId": {"Value": {"Ref": "Api"}}}
    return stack_assembly(folder, {"Resources": resources, "Outputs": outputs}, **more)


def answered(sandbox: RunningSandbox) -> str:
    """What the function answers now."""
    client = client_of(sandbox, "lambda")
    answer: str = json.load(client.invoke(FunctionName="echo")["Payload"])["answer"]
    return answer


def test_an_account_that_is_not_bootstrapped_is_refused_and_then_bootstrapped(cdk, sandbox, tmp_path):
    """F-02, and `cdk bootstrap` as written."""
    needy = assembly(
        tmp_path / "cdk.out", requiresBootstrapStackVersion=6,
        bootstrapStackVersionSsmParameter="/cdk-bootstrap/hnb659fds/version",
    )  # fmt: skip
    refused = deploy(cdk, sandbox, needy)
    assert refused.returncode == 1
    assert "SSM parameter /cdk-bootstrap/hnb659fds/version not found" in refused.stdout + refused.stderr
    made = run(cdk, sandbox, tmp_path, "bootstrap", ENVIRONMENT)
    assert made.returncode == 0, made.stderr
    assert f"Environment {ENVIRONMENT} bootstrapped" in made.stdout + made.stderr


def differences(cdk: Path, sandbox: RunningSandbox, folder: Path) -> str:
    """What `cdk diff` prints of an assembly and what is deployed."""
    shown = run(cdk, sandbox, folder, "diff", "--app", str(folder))
    assert shown.returncode == 0, shown.stderr
    return shown.stdout + shown.stderr


def test_deployments_take_effect_under_open_connections(cdk, sandbox, tmp_path):
    """First, without a change, with a changed function and a new route, with a failing resource, and destroyed; what
    a deployment would change is shown before."""
    first = deploy(cdk, sandbox, assembly(tmp_path / "first"))
    assert first.returncode == 0, first.stderr
    assert answered(sandbox) == "first"

    again = deploy(cdk, sandbox, tmp_path / "first")
    assert "(no changes)" in again.stdout + again.stderr
    assert "There were no differences" in differences(cdk, sandbox, tmp_path / "first")

    api_id = described(sandbox)[0]["Outputs"][0]["OutputValue"]
    host = sandbox.state.endpointUrl.removeprefix("http://")
    with connect(f"ws://{host}/_aws/execute-api/{api_id}/prod") as client:
        client.send('{"action": "ping"}')
        assert json.loads(client.recv(timeout=10))["message"] == "Forbidden"

        second = assembly(tmp_path / "changed", answer="second", routes=("ping",))
        shown = differences(cdk, sandbox, second)
        assert "[~] AWS::Lambda::Function" in shown
        assert "[+] AWS::ApiGatewayV2::Route" in shown
        assert answered(sandbox) == "first"
        changed = deploy(cdk, sandbox, second)
        assert changed.returncode == 0, changed.stderr
        assert answered(sandbox) == "second"
        client.send('{"action": "ping"}')
        assert json.loads(client.recv(timeout=10))["message"] == "Internal server error"

        failing = assembly(tmp_path / "failing", answer="third", routes=("ping",), memory_mb=1)
        failed = deploy(cdk, sandbox, failing)
        assert failed.returncode == 1
        stack, events = described(sandbox)
        assert stack["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
        assert (
            STACK,
            "UPDATE_ROLLBACK_IN_PROGRESS",
            "The following resource(s) failed to update: [Function]. ",
        ) in events
        assert "greater than or equal to 128" in next(why for _, status, why in events if status == "UPDATE_FAILED")
        assert answered(sandbox) == "second"
        client.send('{"action": "ping"}')
        assert json.loads(client.recv(timeout=10))["message"] == "Internal server error"

    gone = run(cdk, sandbox, tmp_path, "destroy", "--app", str(tmp_path / "first"), "--force")
    assert gone.returncode == 0, gone.stderr
    assert "destroyed" in gone.stdout + gone.stderr
    with pytest.raises(Exception, match="Stack with id echo does not exist"):
        described(sandbox)


TOPIC = {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "echoed"}}


@pytest.mark.parametrize(
    ("resources", "said"),
    [
        ({"A": {"Type": "AWS::Nobody::Knows"}}, "Unrecognized resource types: [AWS::Nobody::Knows]"),
        (
            {"A": TOPIC | {"DependsOn": "B"}, "B": TOPIC | {"DependsOn": "A"}},
            "Circular dependency between resources: [A, B]",
        ),
    ],
    ids=["unsupported", "cyclic"],
)
def test_a_template_that_is_refused_leaves_no_stack(cdk, sandbox, tmp_path, resources, said):
    """The CLI prints CloudFormation's reason; what is right is deployed by the next try."""
    refused = deploy(cdk, sandbox, stack_assembly(tmp_path / "refused", {"Resources": resources}))
    assert refused.returncode == 1
    assert said in refused.stdout + refused.stderr
    with pytest.raises(Exception, match="Stack with id echo does not exist"):
        described(sandbox)


def test_a_stack_that_is_deleted_by_half_can_be_deleted_again(cdk, sandbox, tmp_path):
    """As on AWS: it is deployed to only when it is gone, and it goes when nothing keeps it."""
    bucket = {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "half-deleted"}}
    folder = stack_assembly(tmp_path / "kept", {"Resources": {"Topic": TOPIC, "Bucket": bucket}})
    cloudformation, s3 = client_of(sandbox, "cloudformation"), client_of(sandbox, "s3")
    cloudformation.create_stack(StackName=STACK, TemplateBody=(folder / "echo.template.json").read_text())
    assert described(sandbox)[0]["StackStatus"] == "CREATE_COMPLETE"
    s3.put_object(Bucket="half-deleted", Key="kept", Body=b"1")

    kept = run(cdk, sandbox, tmp_path, "destroy", "--app", str(folder), "--force")
    assert kept.returncode == 1
    stack, events = described(sandbox)
    assert stack["StackStatus"] == "DELETE_FAILED"
    assert ("Topic", "DELETE_COMPLETE", "") in events
    assert "bucket you tried to delete is not empty" in kept.stdout + kept.stderr
    refused = deploy(cdk, sandbox, folder)
    assert refused.returncode == 1
    assert "DELETE_FAILED" in refused.stdout + refused.stderr

    s3.delete_object(Bucket="half-deleted", Key="kept")
    gone = run(cdk, sandbox, tmp_path, "destroy", "--app", str(folder), "--force")
    assert gone.returncode == 0, gone.stderr
    with pytest.raises(Exception, match="Stack with id echo does not exist"):
        described(sandbox)
