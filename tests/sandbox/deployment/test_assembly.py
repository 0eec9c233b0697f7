"""An assembly of which something was deleted is made again; an asset that is nowhere is one line."""

import json

import pytest
from botocore.exceptions import ClientError

from sandbox.deployment import assembly
from sandbox.deployment.assembly import FileAsset
from sandbox.deployment.errors import MissingAssetError
from sandbox.deployment.publish import publish
from sandbox.deployment.synth import synthesise_all

APP = """
import json, os, pathlib
folder = pathlib.Path(os.environ["CDK_OUTDIR"])
stack = {"type": "aws:cloudformation:stack", "dependencies": ["assets"],
         "properties": {"stackName": "talk", "templateFile": "talk.json"}}
assets = {"type": "cdk:asset-manifest", "properties": {"file": "assets.json"}}
(folder / "manifest.json").write_text(json.dumps({"artifacts": {"talk": stack, "assets": assets}}))
(folder / "talk.json").write_text(json.dumps({"Description": os.environ["CDK_VALIDATION"]}))
(folder / "asset.code").mkdir()
(folder / "asset.code" / "handler.py").write_text("")
file = {"source": {"path": "asset.code", "packaging": "zip"},
        "destinations": {"here": {"bucketName": "b-${AWS::Region}", "objectKey": "code.zip"}}}
(folder / "assets.json").write_text(json.dumps({"files": {"code": file}}))
"""
"""What a CDK app leaves behind, written without CDK."""


@pytest.fixture
def folder(tmp_path):
    """The assembly of a small app, and how it is synthesised."""
    infrastructure = tmp_path / "services" / "talk" / "infrastructure"
    infrastructure.mkdir(parents=True)
    (infrastructure / "cdk.json").write_text('{"app": "python3 app.py"}')
    (infrastructure / "app.py").write_text(APP)

    def synthesised():
        return synthesise_all(tmp_path, environment="staging", cache_dir=tmp_path / ".cache")["talk"]

    return synthesised


@pytest.mark.parametrize("lost", ["asset.code/handler.py", "talk.json", "assets.json", "manifest.json"])
def test_what_is_deleted_of_an_assembly_is_made_again(folder, lost):
    """An asset's folder, a template, a manifest."""
    made = folder()
    assert assembly.is_whole(made)
    (made / lost).unlink()
    if lost.startswith("asset."):
        (made / lost).parent.rmdir()
    assert not assembly.is_whole(made)
    assert folder() == made
    assert assembly.is_whole(made)


def test_cdk_itself_does_not_look_at_the_templates_again(folder):
    """It would take longer than all the rest of a synthesis."""
    assert json.loads((folder() / "talk.json").read_text()) == {"Description": "false"}


class Bucket:
    """Has nothing, and keeps what is put."""

    def __init__(self):
        self.put = []

    def head_object(self, **_):
        raise ClientError({"Error": {"Code": "404"}}, "HeadObject")

    def put_object(self, **given):
        self.put.append(given)


def test_an_asset_that_is_nowhere_is_one_line_and_nothing_is_published(tmp_path):
    """An empty archive in its place would fail in the function, much later."""
    bucket = Bucket()
    lost = FileAsset(path=tmp_path / "asset.code", packaging="zip", bucket="b", object_key="code.zip")
    with pytest.raises(MissingAssetError, match=r"expected an asset at .*asset\.code, found nothing: synthesise again"):
        publish(bucket, lost)
    assert bucket.put == []


def test_a_manifest_names_the_buckets_of_the_account(folder):
    """Read as CDK writes it."""
    (stack,) = assembly.read(folder(), account_id="123456789012", region="us-east-1")
    assert stack.template == folder() / "talk.json"
    assert [(one.bucket, one.object_key, one.packaging) for one in stack.assets] == [("b-us-east-1", "code.zip", "zip")]
