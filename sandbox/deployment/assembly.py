"""A cloud assembly as data: stacks with their templates, dependencies and file assets."""

import json
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class FileAsset:
    """One file or folder to publish to the bootstrap bucket under `object_key`."""

    path: Path
    packaging: str
    bucket: str
    object_key: str


@dataclass(frozen=True, kw_only=True)
class StackArtifact:
    """One stack to deploy."""

    name: str
    template: Path
    assets: tuple[FileAsset, ...]
    depends_on: tuple[str, ...]


def read(folder: Path, *, account_id: str, region: str) -> list[StackArtifact]:
    """The stacks of an assembly. Bucket names have account and Region filled in."""
    manifest = json.loads((folder / "manifest.json").read_text())["artifacts"]
    stacks = {key: artifact for key, artifact in manifest.items() if artifact["type"] == "aws:cloudformation:stack"}
    found = []
    for key, artifact in stacks.items():
        properties = artifact["properties"]
        manifests = [
            manifest[name]["properties"]["file"]
            for name in artifact.get("dependencies", [])
            if manifest.get(name, {}).get("type") == "cdk:asset-manifest"
        ]
        found.append(
            StackArtifact(
                name=properties.get("stackName", key),
                template=folder / properties["templateFile"],
                assets=tuple(
                    asset
                    for file in manifests
                    for asset in _assets(folder / file, account_id=account_id, region=region)
                ),
                depends_on=tuple(name for name in artifact.get("dependencies", []) if name in stacks),
            )
        )
    return found


def is_whole(folder: Path) -> bool:
    """Whether every template and asset that the assembly names is there."""
    try:
        stacks = read(folder, account_id="", region="")
    except OSError:
        return False
    return all(path.exists() for stack in stacks for path in (stack.template, *(one.path for one in stack.assets)))


def _assets(manifest: Path, *, account_id: str, region: str) -> list[FileAsset]:
    def fill(text: str) -> str:
        return (
            text.replace("${AWS::AccountId}", account_id)
            .replace("${AWS::Region}", region)
            .replace("${AWS::Partition}", "aws")
        )

    found = []
    for file in json.loads(manifest.read_text()).get("files", {}).values():
        for destination in file["destinations"].values():
            found.append(
                FileAsset(
                    path=manifest.parent / file["source"]["path"],
                    packaging=file["source"].get("packaging", "file"),
                    bucket=fill(destination["bucketName"]),
                    object_key=fill(destination["objectKey"]),
                )
            )
    return found
