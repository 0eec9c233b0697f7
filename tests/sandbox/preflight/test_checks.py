"""Each check finds its fault in a small plan, and nothing in the plan without it."""

import io
import json
import zipfile
from datetime import date

import pytest

from sandbox.definitions.model import Statement
from sandbox.deployment.assembly import FileAsset, StackArtifact
from sandbox.preflight import (
    account,
    code,
    functions,
    lint,
    names,
    packages,
    permissions,
    recursion,
    schedules,
    sizes,
    stacks,
    synthesis,
    wheels,
)
from sandbox.preflight.account import Target
from sandbox.preflight.plan import read

ACCOUNT, REGION = "123456789012", "us-east-1"


@pytest.fixture
def planned(tmp_path):
    """Makes a plan of one function with its code and layer, its table and its rule."""

    def make(*, statements=(), schedule="rate(1 minute)", layer_archive=None, **properties):
        source, layer = tmp_path / "code", tmp_path / "layer"
        (source / "app").mkdir(parents=True, exist_ok=True)
        (source / "app" / "__init__.py").touch()
        if not (source / "app" / "handler.py").exists():
            (source / "app" / "handler.py").write_text(
                "import json\nimport boto3\nimport helper\nfrom app import part\n"
            )
        (source / "app" / "part.py").touch()
        (layer / "python").mkdir(parents=True, exist_ok=True)
        (layer / "python" / "helper.py").touch()
        resources = {
            "Table": {"Type": "AWS::DynamoDB::Table", "Properties": {"TableName": "Sessions-staging"}},
            "Role": {
                "Type": "AWS::IAM::Role",
                "Properties": {"Policies": [{"PolicyDocument": {"Statement": list(statements)}}]},
            },
            "Layer": {"Type": "AWS::Lambda::LayerVersion", "Properties": {"Content": {"S3Key": "layer.zip"}}},
            "Function": {
                "Type": "AWS::Lambda::Function",
                "Properties": {
                    "FunctionName": "worker", "Runtime": "python3.11", "Handler": "app.handler.handler",
                    "Role": {"Fn::GetAtt": ["Role", "Arn"]}, "Code": {"S3Key": "code.zip"},
                    "Layers": [{"Ref": "Layer"}], **properties,
                },
            },
            "Rule": {"Type": "AWS::Events::Rule", "Properties": {"ScheduleExpression": schedule}},
        }  # fmt: skip
        template = tmp_path / "stack.template.json"
        template.write_text(json.dumps({"Resources": resources}))
        assets = tuple(
            FileAsset(path=folder, packaging="zip", bucket="b", object_key=f"{folder.name}.zip")
            for folder in (source, layer)
        )
        if layer_archive is not None:
            archive = tmp_path / "layer.zip"
            archive.write_bytes(layer_archive)
            assets = (assets[0], FileAsset(path=archive, packaging="file", bucket="b", object_key="layer.zip"))
        stack = StackArtifact(name="stack", template=template, assets=assets, depends_on=())
        return read([stack], account_id=ACCOUNT, region=REGION, unpacked_dir=tmp_path / "unpacked")

    return make


def causes(found):
    return [one.cause for one in found]


def zipped(contents):
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as content:
        for name, text in contents.items():
            content.writestr(name, text)
    return archive.getvalue()


def environment(**variables):
    return {"Environment": {"Variables": variables}}


def invoking(resource):
    return [{"Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": resource}]


def test_nothing_is_found_in_a_good_plan(planned):
    """Every check, on what AWS takes."""
    plan = planned(**environment(SESSIONS_TABLE_NAME={"Ref": "Table"}))
    for check in (code.check, names.check, packages.check, recursion.check, schedules.check, sizes.check, stacks.check):
        assert check(plan) == []
    assert wheels.check(plan) == []
    assert functions.check(plan, today=date(2026, 11, 25)) == []


def test_a_reserved_variable(planned):
    """L-03: Lambda sets AWS_REGION itself."""
    (found,) = functions.check(planned(**environment(AWS_REGION="us-east-1")), today=date(2026, 11, 25))
    assert found.line() == (
        "function: stack/Function: its environment sets AWS_REGION, which Lambda reserves: leave it out, Lambda sets "
        "it itself"
    )


def test_a_setting_outside_lambdas_quotas(planned):
    """L-31: a timeout of 15 minutes and no more."""
    assert functions.check(planned(Timeout=900), today=date(2026, 11, 25)) == []
    (cause,) = causes(functions.check(planned(Timeout=901), today=date(2026, 11, 25)))
    assert "Value '901' at 'timeout'" in cause


def test_a_schedule_under_one_minute(planned):
    """E-01: EventBridge knows no seconds."""
    assert causes(schedules.check(planned(schedule="rate(30 seconds)"))) == [
        "EventBridge does not take rate(30 seconds)"
    ]


def test_a_handler_that_is_not_in_its_asset(planned):
    """The folder exists, and is not the one that was meant."""
    (cause,) = causes(code.check(planned(Handler="other.handler.handler")))
    assert cause == "its asset has no other/handler.py, so that other.handler.handler is not found"


def test_an_archive_counts_as_its_files(planned):
    """A layer that is given as an archive has the packages in it."""
    plan = planned(
        layer_archive=zipped({"python/helper.py": "", "python/late-1.dist-info/WHEEL": "Tag: cp312-cp312-any"})
    )
    assert code.check(plan) == packages.check(plan) == []
    assert causes(wheels.check(plan)) == ["late-1 is for cp312, the runtime is 3.11"]


def test_an_archive_that_lambda_cannot_unpack(planned, tmp_path):
    """One line says which."""
    (cause,) = causes(code.check(planned(layer_archive=b"cut off")))
    assert cause == f"its asset {tmp_path / 'layer.zip'} is no archive that Lambda can unpack"


def test_a_name_that_no_stack_creates(planned):
    """`Sessions`, where the table is `Sessions-staging`."""
    (found,) = names.check(planned(**environment(SESSIONS_TABLE_NAME="Sessions")))
    assert found.cause == "SESSIONS_TABLE_NAME is Sessions, a table that no stack creates"
    assert found.remedy == "name Sessions-staging, or refer to the resource"


def test_a_function_that_may_invoke_itself(planned):
    """L-33; others it may invoke, and itself where it says so."""
    own, other = (f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}" for name in ("worker", "other"))
    assert recursion.check(planned(statements=invoking(other))) == []
    assert recursion.check(planned(statements=invoking(own), RecursiveLoop="Allow")) == []
    assert len(recursion.check(planned(statements=invoking(own)))) == 1


def test_a_package_that_nothing_brings(planned, tmp_path):
    """Found through the modules that the handler imports; what is expected to be absent may be."""
    (tmp_path / "code" / "app").mkdir(parents=True)
    (tmp_path / "code" / "app" / "handler.py").write_text(
        "from . import part\ntry:\n    import optional\nexcept ImportError:\n    optional = None\n"
    )
    plan = planned()
    (tmp_path / "code" / "app" / "part.py").write_text("import absent.inner\n")
    assert causes(packages.check(plan)) == ["app/part.py imports absent, which is in neither its code nor its layers"]


def test_a_wheel_for_another_platform(planned, tmp_path):
    """A layer that was filled on a Mac."""
    plan = planned()
    about = tmp_path / "layer" / "python" / "numpy-2.2.6.dist-info"
    about.mkdir()
    (about / "WHEEL").write_text("Wheel-Version: 1.0\nTag: cp311-cp311-macosx_14_0_arm64\n")
    (cause,) = causes(wheels.check(plan))
    assert cause == "numpy-2.2.6 is built for macosx_14_0_arm64, the function runs on Linux x86_64"


@pytest.mark.parametrize(
    ("tag", "complaint"),
    [
        ("py3-none-any", None),
        ("cp311-cp311-manylinux2014_x86_64", None),
        ("cp311-cp311-manylinux_2_26_x86_64", None),
        ("cp311-cp311-manylinux_2_27_x86_64", "needs glibc 2.27, the runtime has 2.26"),
        ("cp39-abi3-manylinux_2_17_x86_64", None),
        ("cp312-abi3-manylinux_2_17_x86_64", "is for cp312, the runtime is 3.11"),
        ("cp310-cp310-manylinux_2_17_x86_64", "is for cp310, the runtime is 3.11"),
        ("cp311-cp311-musllinux_1_2_x86_64", "is built for musllinux_1_2_x86_64, the function runs on Linux x86_64"),
        ("cp311-cp311-manylinux2014_aarch64", "is built for manylinux2014_aarch64, the function runs on Linux x86_64"),
    ],
)
def test_which_wheels_run_on_python_3_11(tag, complaint):
    """Amazon Linux 2 has glibc 2.26."""
    assert wheels.fits(tag, minor=11, machine="x86_64") == complaint


def test_python_3_12_runs_on_a_newer_glibc():
    """Amazon Linux 2023 has 2.34."""
    assert wheels.fits("cp312-cp312-manylinux_2_34_x86_64", minor=12, machine="x86_64") is None
    assert wheels.fits("cp312-cp312-manylinux_2_35_x86_64", minor=12, machine="x86_64") is not None


def test_code_and_layers_over_250_megabytes(planned, tmp_path):
    """L-29: together, unzipped."""
    plan = planned()
    with (tmp_path / "layer" / "python" / "weights.bin").open("wb") as file:
        file.truncate(262_144_000)
    (cause,) = causes(sizes.check(plan))
    assert "exceed Lambda's 262,144,000" in cause
    with (tmp_path / "layer" / "python" / "weights.bin").open("wb") as file:
        file.truncate(262_100_000)
    assert sizes.check(plan) == []


def test_a_refused_call_of_a_run_is_told_once():
    """From the journal's `iam.denied`."""
    event = {
        "kind": "iam.denied", "function": "worker", "role": "WorkerRole", "action": "sqs:SendMessage",
        "resource": "arn", "reason": "because no identity-based policy allows the sqs:SendMessage action",
    }  # fmt: skip
    (found,) = permissions.check([event, {"kind": "frame.in"}, event])
    assert found.where == "worker"
    assert found.remedy == "let WorkerRole's policy allow it, or leave the call out"


@pytest.mark.parametrize(("version", "faults"), [(None, 1), ("5", 1), ("6", 0), ("32", 0)])
def test_a_region_that_is_not_bootstrapped(version, faults):
    """F-02: the marker is missing or too old."""
    found = account.bootstrapped(Target(account_id=ACCOUNT, region=REGION, bootstrap_version=version))
    assert len(found) == faults
    assert all(one.remedy == "run cdk bootstrap aws://123456789012/us-east-1" for one in found)


def test_a_deployer_without_ecr_cannot_bootstrap():
    """The cause of the record's fourth fault; to deploy needs no ECR."""
    allowed = [
        Statement(allows=True, actions=(f"{service}:*",), resources=("*",))
        for service in ("cloudformation", "s3", "iam", "ssm", "sts")
    ]
    (found,) = account.deployer(allowed, account_id=ACCOUNT, region=REGION, bootstraps=True)
    assert "ecr:CreateRepository" in found.cause
    assert "s3:" not in found.cause
    assert account.deployer(allowed, account_id=ACCOUNT, region=REGION, bootstraps=False) == []


@pytest.mark.parametrize(
    ("said", "check"),
    [
        ("RuntimeError: Cannot find asset at /somewhere/lambda", "code"),
        ("RuntimeError: '30 seconds' cannot be converted into a whole number of minutes.", "schedule"),
        ("RuntimeError: AWS_REGION environment variable is reserved by the lambda runtime", "function"),
        ("ConfigError: staging.json: region: expected an AWS Region", "synthesis"),
    ],
)
def test_what_an_app_says_when_it_fails(said, check):
    """Known texts have their cause and remedy."""
    assert synthesis.finding("app", said).check == check


def test_what_cfn_lint_says(tmp_path):
    """A template with a property that does not exist."""
    template = tmp_path / "odd.template.json"
    template.write_text(json.dumps({"Resources": {"Topic": {"Type": "AWS::SNS::Topic", "Properties": {"Odd": 1}}}}))
    (found,) = lint.check([template])
    assert found.where == "odd/Topic"
    assert found.cause.startswith("E3002 ")
