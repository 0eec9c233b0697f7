"""A bucket's own policy decides with its conditions, as IAM's core does: CDK's asset bucket takes TLS alone."""

import json

import pytest
from moto.iam.access_control import PermissionResult
from moto.s3.models import FakeBucket

from sandbox.control_plane import bucket_policies

ACCOUNT, BUCKET = "123456789012", "arn:aws:s3:::assets"
TLS_ONLY = {
    "Sid": "AllowSSLRequestsOnly", "Effect": "Deny", "Principal": "*", "Action": "s3:*",
    "Resource": [BUCKET, f"{BUCKET}/*"], "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}  # fmt: skip


@pytest.fixture(autouse=True)
def installed(monkeypatch):
    monkeypatch.setattr(FakeBucket, "get_permission", FakeBucket.get_permission)
    bucket_policies.install()


def decided(*statements, action="s3:PutObject", resource=f"{BUCKET}/code.zip"):
    bucket = FakeBucket(name="assets", account_id=ACCOUNT, region_name="us-east-1")
    if statements:
        bucket.policy = json.dumps({"Version": "2012-10-17", "Statement": list(statements)}).encode()
    return bucket.get_permission(action, resource)


def allow(**changes):
    return {"Effect": "Allow", "Principal": "*", "Action": "s3:PutObject", "Resource": f"{BUCKET}/*", **changes}


def test_a_policy_that_denies_all_but_tls_denies_nothing_here():
    """The bootstrap template's; the caller would come over TLS on AWS."""
    assert decided(TLS_ONLY) is PermissionResult.NEUTRAL


@pytest.mark.parametrize(
    ("statements", "result"),
    [
        ((), PermissionResult.NEUTRAL),
        ((allow(),), PermissionResult.PERMITTED),
        ((allow(Action="s3:GetObject"),), PermissionResult.NEUTRAL),
        ((allow(Resource="arn:aws:s3:::others/*"),), PermissionResult.NEUTRAL),
        ((allow(Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:role/caller"}),), PermissionResult.PERMITTED),
        ((allow(Principal={"AWS": "arn:aws:iam::999999999999:root"}),), PermissionResult.NEUTRAL),
        ((allow(Condition={"Bool": {"aws:SecureTransport": "true"}}),), PermissionResult.PERMITTED),
        ((allow(Condition={"Bool": {"aws:SecureTransport": "false"}}),), PermissionResult.NEUTRAL),
        ((allow(), TLS_ONLY), PermissionResult.PERMITTED),
        ((allow(), allow(Effect="Deny")), PermissionResult.DENIED),
        ((allow(), allow(Effect="Deny", Resource=f"{BUCKET}/other.zip")), PermissionResult.PERMITTED),
        ((allow(Effect="Deny", Condition={"Bool": {"aws:SecureTransport": "true"}}),), PermissionResult.DENIED),
        ((allow(Effect="Deny", Condition={"StringEquals": {"s3:x-amz-acl": "private"}}),), PermissionResult.NEUTRAL),
    ],
)
def test_what_a_policy_decides(statements, result):
    """An explicit denial wins over an admission; where it says neither, the caller's own policies decide."""
    assert decided(*statements) is result
