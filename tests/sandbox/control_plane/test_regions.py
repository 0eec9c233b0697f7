"""The sandbox's own Region is known without a look at those of botocore; the others are still there."""

import subprocess
import sys

import pytest

from sandbox.control_plane.regions import Regions

LOOKED = """
import json, sys
from sandbox.control_plane import regions
regions.install("us-east-1")
from botocore.loaders import JSONFileLoader
load, loaded = JSONFileLoader.load_file, []
JSONFileLoader.load_file = lambda self, path: (loaded.append(path), load(self, path))[1]
from moto.dynamodb.models import dynamodb_backends
from moto.iam.models import iam_backends
held = dynamodb_backends["123456789012"]
held["us-east-1"]
before = [path for path in loaded if path.endswith("endpoints")]
held["eu-central-1"], iam_backends["123456789012"]["aws"]
try:
    held["nowhere-1"]
except KeyError as error:
    print(json.dumps([before, len(held.regions) > 20, str(error)]))
"""


def test_moto_reads_no_endpoints_for_the_sandboxs_own_region():
    """In a process of its own, where moto begins anew."""
    ran = subprocess.run([sys.executable, "-c", LOOKED], capture_output=True, text=True, check=False)
    assert (ran.stdout, ran.stderr) == ("""[[], true, "'nowhere-1'"]\n""", "")


@pytest.mark.parametrize(("name", "asks"), [("us-east-1", False), ("aws", False), ("eu-west-1", True), ("x", True)])
def test_the_others_are_asked_for_only_for_another(name, asks):
    asked: list[str] = []

    def known() -> list[str]:
        asked.append(name)
        return ["us-east-1", "eu-west-1"]

    regions = Regions("us-east-1", ["aws"], known)
    assert (name in regions) is (name != "x")
    assert bool(asked) is asks
    assert list(regions) == ["us-east-1", "eu-west-1", "aws"]
