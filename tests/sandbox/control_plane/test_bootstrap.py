"""What a deployment finds of `cdk bootstrap`: the marker, the stack's outputs, the bucket and the roles."""

import json

from sandbox.deployment import bootstrap
from tests.sandbox.control_plane import deploying

ACCOUNT, REGION = "123456789012", "us-east-1"


def test_the_marker_the_outputs_the_bucket_and_the_roles_are_cdks(aws):
    """F-01; F-02: without the marker the CLI is told of a parameter that is not found, which it knows by its code."""
    cloudformation = aws("cloudformation")
    stack = deploying.create(
        cloudformation, bootstrap.STACK_NAME, json.dumps(bootstrap.template()), Capabilities=["CAPABILITY_NAMED_IAM"]
    )
    marker = aws("ssm").get_parameter(Name="/cdk-bootstrap/hnb659fds/version")["Parameter"]
    assert (marker["Type"], marker["Value"]) == ("String", bootstrap.VERSION)
    bucket = f"cdk-hnb659fds-assets-{ACCOUNT}-{REGION}"
    outputs = {one["OutputKey"]: one["OutputValue"] for one in stack["Outputs"]}
    assert outputs.keys() == {"BucketName", "BucketDomainName", "ImageRepositoryName", "BootstrapVersion"}
    assert outputs["BucketName"] == bucket
    assert [one["Name"] for one in aws("s3").list_buckets()["Buckets"]] == [bucket]
    roles = {one["RoleName"] for one in aws("iam").list_roles()["Roles"]}
    kinds = ("deploy", "cfn-exec", "file-publishing", "image-publishing", "lookup")
    assert {f"cdk-hnb659fds-{kind}-role-{ACCOUNT}-{REGION}" for kind in kinds} <= roles


def test_the_marker_is_missing_before(aws, refused):
    """F-02: another qualifier was never bootstrapped; the CLI's own text follows from the code."""
    assert refused(aws("ssm").get_parameter, Name="/cdk-bootstrap/other/version")[0] == "ParameterNotFound"


def test_assets_are_asked_for_by_head_and_put(aws):
    """F-04, F-05: a missing bucket and a missing key are 404, a key that was put is found by its prefix."""
    s3 = aws("s3")
    s3.create_bucket(Bucket="assets")
    assert s3.get_bucket_location(Bucket="assets")["ResponseMetadata"]["HTTPStatusCode"] == 200
    assert s3.list_objects_v2(Bucket="assets", Prefix="abc.zip")["KeyCount"] == 0
    s3.put_object(Bucket="assets", Key="abc.zip", Body=b"zip")
    assert [one["Key"] for one in s3.list_objects_v2(Bucket="assets", Prefix="abc.zip")["Contents"]] == ["abc.zip"]


def test_a_bucket_that_is_missing_says_so(aws, refused):
    """F-04: the code from which the CLI concludes that the account is not bootstrapped."""
    assert refused(aws("s3").get_bucket_location, Bucket="never-made")[0] == "NoSuchBucket"
