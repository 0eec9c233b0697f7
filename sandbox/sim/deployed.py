"""What is deployed, as the simulator needs it: the definitions and the data resources, read once from a control plane.

The stacks are deployed exactly as the live world deploys them; what came of it is kept under the cache folder by the
content of the definitions, so that a run starts without Node and without moto.
"""

import asyncio
import json
import os
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import cattrs

from sandbox.definitions.model import Definitions, from_json, to_json
from sandbox.deployment.command import Deployment
from sandbox.deployment.synth import content_hash
from sandbox.items.store import TableSchema
from sandbox.live.account import ACCOUNT_ID, REGION
from sandbox.live.feed import fetch
from sandbox.live.settings import PROJECT
from sandbox.processes import Child
from sandbox.sim.errors import SimulationError

ENVIRONMENT = "staging"
FORMAT = 4
"""Counts the changes of this module's file format."""


@dataclass(frozen=True, kw_only=True)
class Deployed:
    """One deployment: `queues` and `parameters` are attributes and values by name."""

    definitions: Definitions
    tables: tuple[TableSchema, ...]
    parameters: Mapping[str, str] = field(default_factory=dict)
    queues: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


_DRAWN_SUFFIX = re.compile(r"-[A-Z0-9]{12}(?=[\":/])")
"""What CloudFormation draws at the end of a name that a template does not give."""


class NotDeployedError(SimulationError):
    """The definitions could not be deployed."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"expected the definitions to deploy, got: {reason}")


def load(*, say: Callable[[str], None], project: Path = PROJECT) -> Deployed:
    """The deployment of the checkout's definitions. Blocks; the first time for as long as a deployment takes.

    Raises NotDeployedError.
    """
    folder = project / ".cache" / "sim" / f"{content_hash(project, ENVIRONMENT)}-{FORMAT}"
    kept = folder / "deployed.json"
    if not kept.exists():
        say("deploying the definitions once, for this simulation and those after it …")
        document = asyncio.run(_deploy(project, folder))
        part = kept.with_suffix(f".{os.getpid()}")
        part.write_text(json.dumps(document))
        part.replace(kept)
    return _named_alike(cattrs.structure(json.loads(kept.read_text()), Deployed))


def _named_alike(deployed: Deployed) -> Deployed:
    """The same deployment under ids that no control plane drew, so that every machine's journal is the same."""
    text = to_json(deployed.definitions)
    for number, api_id in enumerate(sorted(deployed.definitions.apis), start=1):
        text = text.replace(api_id, f"simulated{number}")
    definitions = from_json(json.loads(_DRAWN_SUFFIX.sub("", text)))
    rules = {name: replace(rule, created_ms=0) for name, rule in definitions.rules.items()}
    return replace(deployed, definitions=replace(definitions, rules=rules))


async def _deploy(project: Path, folder: Path) -> dict[str, Any]:
    folder.mkdir(parents=True, exist_ok=True)
    command = [
        sys.executable, "-m", "sandbox.control_plane", "--state-dir", str(folder), "--account-id", ACCOUNT_ID,
        "--region", REGION,
    ]  # fmt: skip
    child = await Child.start(
        "the control plane", command, log=folder / "control-plane.log", environment=_without_endpoints()
    )
    try:
        url = child.ready["url"]
        deployment = Deployment(
            project=project, cache_dir=project / ".cache", endpoint_url=url, environment=ENVIRONMENT,
            account_id=ACCOUNT_ID, region=REGION,
        )  # fmt: skip
        process = await asyncio.create_subprocess_exec(
            *deployment.command("sandbox.deployment"),
            env=_without_endpoints(), stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        _, errors = await process.communicate()
        if process.returncode:
            said = errors.decode(errors="replace").strip().splitlines()
            raise NotDeployedError(said[-1] if said else "nothing said")
        definitions = await asyncio.to_thread(fetch, url, after=-1, wait_ms=0)
        tables, parameters, queues = await asyncio.to_thread(_data_resources, url)
        document: dict[str, Any] = cattrs.unstructure(
            Deployed(definitions=definitions, tables=tables, parameters=parameters, queues=queues)
        )
        return document
    finally:
        await child.stop()


def _without_endpoints() -> dict[str, str]:
    """This process's variables without those that lead AWS clients elsewhere."""
    return {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}


def _data_resources(url: str) -> tuple[tuple[TableSchema, ...], dict[str, str], dict[str, dict[str, str]]]:
    import boto3

    session = boto3.Session(
        aws_access_key_id="test",
        aws_secret_access_key="test",  # noqa: S106 - the control plane takes any key pair
        region_name=REGION,
    )
    dynamodb, ssm, sqs = (session.client(name, endpoint_url=url) for name in ("dynamodb", "ssm", "sqs"))
    tables = []
    for name in sorted(dynamodb.list_tables()["TableNames"]):
        about = dynamodb.describe_table(TableName=name)["Table"]
        living = dynamodb.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
        tables.append(
            TableSchema(
                name=name,
                key=_key(about),
                indexes={index["IndexName"]: _key(index) for index in about.get("GlobalSecondaryIndexes", ())},
                time_to_live=living.get("AttributeName"),
            )
        )
    parameters = {
        one["Name"]: ssm.get_parameter(Name=one["Name"])["Parameter"]["Value"]
        for page in ssm.get_paginator("describe_parameters").paginate()
        for one in page["Parameters"]
    }
    queues = {
        one.rpartition("/")[2]: sqs.get_queue_attributes(QueueUrl=one, AttributeNames=["All"])["Attributes"]
        for one in sqs.list_queues().get("QueueUrls", ())
    }
    return tuple(tables), parameters, queues


def _key(about: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(one["AttributeName"] for one in sorted(about["KeySchema"], key=lambda one: one["KeyType"]))
