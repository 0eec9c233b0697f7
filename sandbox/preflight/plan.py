"""What is about to be deployed: the stacks of every app, their functions, and what the templates' names will stand for.

Reads the cloud assemblies' files, and unpacks assets that are archives; what it gives is data.
"""

import base64
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbox.control_plane.archives import BadArchiveError, unpack
from sandbox.definitions.model import Statement
from sandbox.deployment.assembly import FileAsset, StackArtifact
from sandbox.permissions import documents
from sandbox.stacks.intrinsics import evaluate

Properties = Mapping[str, Any]

NAME_PROPERTIES = {
    "AWS::DynamoDB::Table": "TableName",
    "AWS::IAM::Role": "RoleName",
    "AWS::Lambda::Function": "FunctionName",
    "AWS::Logs::LogGroup": "LogGroupName",
    "AWS::S3::Bucket": "BucketName",
    "AWS::SNS::Topic": "TopicName",
    "AWS::SQS::Queue": "QueueName",
    "AWS::SSM::Parameter": "Name",
}
"""The property with a resource's own name."""

_ARNS = {
    "AWS::DynamoDB::Table": "dynamodb:{place}:table/{name}",
    "AWS::IAM::Role": "iam::{account}:role/{name}",
    "AWS::Lambda::Function": "lambda:{place}:function:{name}",
    "AWS::Logs::LogGroup": "logs:{place}:log-group:{name}:*",
    "AWS::SNS::Topic": "sns:{place}:{name}",
    "AWS::SQS::Queue": "sqs:{place}:{name}",
}


@dataclass(frozen=True, kw_only=True)
class Resource:
    """One resource with its properties evaluated; `name` is its own, or its logical id's."""

    stack: str
    logical_id: str
    resource_type: str
    name: str
    properties: Properties

    @property
    def where(self) -> str:
        return f"{self.stack}/{self.logical_id}"


@dataclass(frozen=True, kw_only=True)
class PlannedFunction:
    """A function; `code` and `layers` are the folders of its assets, those that the plan has.

    An asset that is no folder, and no archive that Lambda unpacks, is there as it is.
    """

    resource: Resource
    code: Path | None
    layers: tuple[Path, ...]
    may: tuple[Statement, ...]
    """What the policies of its role say."""

    @property
    def arn(self) -> str:
        return str(self.resource.properties["_Arn"])

    @property
    def variables(self) -> Mapping[str, str]:
        variables: Mapping[str, str] = (self.resource.properties.get("Environment") or {}).get("Variables") or {}
        return variables


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Every resource and function, and the templates as they are."""

    resources: tuple[Resource, ...]
    functions: tuple[PlannedFunction, ...]
    templates: Mapping[str, Path]

    def names(self, resource_type: str) -> frozenset[str]:
        """The names that resources of a type will have."""
        return frozenset(one.name for one in self.resources if one.resource_type == resource_type)


class _Scope:
    """A template's names before anything exists: given names are known, others stand for themselves."""

    def __init__(self, document: Mapping[str, Any], *, stack: str, account_id: str, region: str) -> None:
        self.document = document
        self._account_id = account_id
        self._place = f"{region}:{account_id}"
        self._pseudo = {
            "AWS::AccountId": account_id,
            "AWS::Region": region,
            "AWS::Partition": "aws",
            "AWS::URLSuffix": "amazonaws.com",
            "AWS::StackName": stack,
            "AWS::StackId": f"arn:aws:cloudformation:{region}:{account_id}:stack/{stack}/planned",
        }

    def ref(self, name: str) -> Any:
        if name in self._pseudo:
            return self._pseudo[name]
        parameter = (self.document.get("Parameters") or {}).get(name)
        if parameter is not None:
            return parameter.get("Default", name)
        if self.document["Resources"].get(name, {}).get("Type") == "AWS::SNS::Topic":
            return self.attribute(name, "TopicArn")
        return self.name(name)

    def attribute(self, name: str, attribute: str) -> Any:
        resource_type = self.document["Resources"].get(name, {}).get("Type", "")
        if attribute in ("Arn", "TopicArn") and resource_type in _ARNS:
            filled = _ARNS[resource_type].format(place=self._place, account=self._account_id, name=self.name(name))
            return f"arn:aws:{filled}"
        return self.name(name)

    def imported(self, name: str) -> str:
        return name

    def name(self, logical_id: str) -> str:
        resource = self.document["Resources"].get(logical_id, {})
        given = (resource.get("Properties") or {}).get(NAME_PROPERTIES.get(resource.get("Type", ""), ""))
        return str(evaluate(given, self)) if given is not None else logical_id


def read(stacks: Iterable[StackArtifact], *, account_id: str, region: str, unpacked_dir: Path) -> Plan:
    """The plan of these stacks. Raises TemplateError for one that refers to what is not there.

    Archives are unpacked in `unpacked_dir`, once for each content.
    """
    resources: list[Resource] = []
    folders: dict[str, Path] = {}
    templates: dict[str, Path] = {}
    for stack in stacks:
        templates[stack.name] = stack.template
        folders |= {asset.object_key: _folder(asset, unpacked_dir) for asset in stack.assets}
        document = json.loads(stack.template.read_text())
        scope = _Scope(document, stack=stack.name, account_id=account_id, region=region)
        for logical_id, resource in document["Resources"].items():
            properties = dict(evaluate(resource.get("Properties") or {}, scope))
            properties["_Arn"] = scope.attribute(logical_id, "Arn")
            resources.append(
                Resource(
                    stack=stack.name,
                    logical_id=logical_id,
                    resource_type=resource["Type"],
                    name=scope.name(logical_id),
                    properties=properties,
                )
            )
    functions = [
        _function(one, resources, folders) for one in resources if one.resource_type == "AWS::Lambda::Function"
    ]
    return Plan(resources=tuple(resources), functions=tuple(functions), templates=templates)


def _folder(asset: FileAsset, unpacked_dir: Path) -> Path:
    if asset.path.suffix != ".zip" or not asset.path.is_file():
        return asset.path
    archive = asset.path.read_bytes()
    try:
        return unpack(archive, base64.b64encode(hashlib.sha256(archive).digest()).decode(), unpacked_dir)
    except BadArchiveError:
        return asset.path


def _function(function: Resource, resources: list[Resource], folders: Mapping[str, Path]) -> PlannedFunction:
    own = {one.logical_id: one for one in resources if one.stack == function.stack}
    wanted = [own[layer] for layer in function.properties.get("Layers") or () if layer in own]
    layers = [folders.get(layer.properties["Content"].get("S3Key", "")) for layer in wanted]
    role_arn = function.properties.get("Role")
    roles = [
        one for one in own.values() if one.resource_type == "AWS::IAM::Role" and one.properties["_Arn"] == role_arn
    ]
    written = [inline["PolicyDocument"] for role in roles for inline in role.properties.get("Policies") or ()]
    names = {role.name for role in roles}
    written += [
        one.properties["PolicyDocument"]
        for one in own.values()
        if one.resource_type in ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy")
        and names & set(one.properties.get("Roles") or ())
    ]
    return PlannedFunction(
        resource=function,
        code=folders.get((function.properties.get("Code") or {}).get("S3Key", "")),
        layers=tuple(folder for folder in layers if folder is not None),
        may=tuple(statement for document in written for statement in documents.statements(document)),
    )
