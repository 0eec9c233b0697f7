"""Stacks of an assembly with their code as it is now: what synthesis would give, without CDK's time for it.

CDK names an asset by its own digest, this by another; both are names of content, and nothing depends on which.
"""

import dataclasses
import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

from sandbox.deployment.assembly import FileAsset, StackArtifact
from sandbox.deployment.sources import Origin, asset_of, digest, files


def overlaid(stacks: Sequence[StackArtifact], origins: Mapping[Path, Origin], target: Path) -> list[StackArtifact]:
    """The stacks; those whose code is another than in the assembly have new assets and templates, below `target`."""
    changed = {path: origin for path, origin in origins.items() if digest(_content(path, origin)) != _now(origin)}
    return [_overlaid(stack, changed, target) for stack in stacks]


def _now(origin: Origin) -> str:
    return digest(files(origin.folder))


def _content(asset: Path, origin: Origin) -> dict[str, Path]:
    return files(asset / origin.inside)


def _overlaid(stack: StackArtifact, changed: Mapping[Path, Origin], target: Path) -> StackArtifact:
    mine = [asset for asset in stack.assets if asset.path in changed]
    if not mine:
        return stack
    body = stack.template.read_text()
    new: dict[Path, FileAsset] = {}
    for asset in mine:
        new[asset.path] = asset_of(changed[asset.path], target, asset)
        body = body.replace(Path(asset.object_key).stem, Path(new[asset.path].object_key).stem)
    template = target / stack.template.name
    template.write_text(body)
    for asset in stack.assets:
        if asset.path == stack.template:
            key = f"{hashlib.sha256(body.encode()).hexdigest()}.json"
            new[asset.path] = dataclasses.replace(asset, path=template, object_key=key)
    return dataclasses.replace(
        stack, template=template, assets=tuple(new.get(asset.path, asset) for asset in stack.assets)
    )
