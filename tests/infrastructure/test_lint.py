"""CloudFormation's own rules, as cfn-lint knows them, find nothing in what the apps synthesise."""

import subprocess
import sys
from pathlib import Path

from sandbox.deployment import assembly
from sandbox.deployment.synth import synthesise_all

ROOT = Path(__file__).resolve().parents[2]

EXCEPTIONS = {"W3005": "CDK writes DependsOn beside the reference that already says it; CloudFormation does not mind"}
"""Rules that do not hold here, each with its reason."""


def test_cfn_lint_finds_nothing():
    """In every stack; the environments differ in their values alone."""
    folders = synthesise_all(ROOT, environment="staging", cache_dir=ROOT / ".cache")
    stacks = [
        str(stack.template)
        for folder in folders.values()
        for stack in assembly.read(folder, account_id="123456789012", region="us-east-1")
    ]
    assert len(stacks) == 3
    program = str(Path(sys.executable).with_name("cfn-lint"))
    command = [program, "--ignore-checks", *EXCEPTIONS, "--", *stacks]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (0, "")
