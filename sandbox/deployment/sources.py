"""Source folders, and the assets of an assembly that are made of them file by file."""

import hashlib
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from sandbox.deployment.assembly import FileAsset, StackArtifact
from sandbox.deployment.synth import IGNORED_FOLDERS

Stamp = tuple[int, int]
"""When a file was changed last (ns), and its bytes."""


@dataclass(frozen=True, kw_only=True)
class Origin:
    """The folder whose files an asset has, below `inside` of the asset."""

    folder: Path
    inside: str = ""


def candidates(project: Path) -> list[Origin]:
    """Where code lives: each app's functions, and the shared code, which a layer has below `python`."""
    services = project / "services"
    functions = [Origin(folder=path) for path in sorted(services.glob("*/lambda"))]
    return [*functions, Origin(folder=services / "shared", inside="python")]


def origins(stacks: Iterable[StackArtifact], known: Iterable[Origin]) -> dict[Path, Origin]:
    """The origin of each asset's folder that has the files of one and no others."""
    wanted = {origin: {f"{origin.inside}/{name}".lstrip("/") for name in files(origin.folder)} for origin in known}
    found = {}
    for asset in (one for stack in stacks for one in stack.assets if one.packaging == "zip" and one.path.is_dir()):
        names = set(files(asset.path))
        match = next((origin for origin, theirs in wanted.items() if theirs == names), None)
        if match is not None:
            found[asset.path] = match
    return found


def files(folder: Path) -> dict[str, Path]:
    """What of a folder is code, by its path below it: no caches, nothing hidden, no editor's copies."""
    found = {}
    for at, folders, names in os.walk(folder):
        folders[:] = sorted(one for one in folders if one not in IGNORED_FOLDERS and not one.startswith("."))
        for name in sorted(names):
            if not name.startswith(".") and not name.endswith(("~", ".pyc", ".swp")):
                path = Path(at, name)
                found[path.relative_to(folder).as_posix()] = path
    return found


def digest(contents: Mapping[str, Path]) -> str:
    """One for all names and bytes."""
    whole = hashlib.sha256()
    for name, path in sorted(contents.items()):
        whole.update(name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return whole.hexdigest()


def stamps(project: Path) -> dict[Path, Stamp]:
    """Every file that a deployment is made of."""
    found = {}
    for folder in (project / "services", project / "requirements"):
        for path in files(folder).values():
            try:
                about = path.stat()
            except FileNotFoundError:
                continue
            found[path] = (about.st_mtime_ns, about.st_size)
    return found


def changed(before: Mapping[Path, Stamp], now: Mapping[Path, Stamp]) -> list[Path]:
    """Files that are new, gone or other than before."""
    return sorted(path for path in before.keys() | now.keys() if before.get(path) != now.get(path))


def is_code(path: Path, known: Iterable[Origin]) -> bool:
    """Whether a file is in a source folder, so that no definition needs to be synthesised for it."""
    return any(path.is_relative_to(origin.folder) for origin in known)


def asset_of(origin: Origin, target: Path, like: FileAsset) -> FileAsset:
    """The asset as its source folder is now, its files copied below `target`."""
    contents = files(origin.folder)
    key = digest(contents)
    folder = target / f"asset.{key}"
    for name, path in contents.items():
        place = folder / origin.inside / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(path.read_bytes())
        place.chmod(path.stat().st_mode & 0o777)
    return FileAsset(path=folder, packaging="zip", bucket=like.bucket, object_key=f"{key}.zip")
