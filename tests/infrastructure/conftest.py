"""The synthesised templates, by stack; instant when no definition has changed."""

import json
from pathlib import Path

import pytest

from sandbox.deployment import assembly
from sandbox.deployment.synth import synthesise_all

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def templates():
    """The staging environment's templates by stack."""
    folders = synthesise_all(ROOT, environment="staging", cache_dir=ROOT / ".cache")
    stacks = [
        stack
        for folder in folders.values()
        for stack in assembly.read(folder, account_id="123456789012", region="us-east-1")
    ]
    return {stack.name: json.loads(stack.template.read_text()) for stack in stacks}


@pytest.fixture(scope="session")
def resources(templates):
    """Every resource: (stack, logical id, type, properties)."""
    return [
        (stack, name, resource["Type"], resource.get("Properties", {}))
        for stack, template in templates.items()
        for name, resource in template["Resources"].items()
    ]
