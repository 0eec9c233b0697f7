"""A function's layers as the one folder that Lambda makes of them at /opt: of two files of a name, the later one."""

import hashlib
import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from sandbox.definitions.model import Layer
from sandbox.functions import twins
from sandbox.made_once import made_once


def merged(layers: Sequence[Layer], cache_dir: Path) -> Path | None:
    """The folder with all of them, made when it is not there; None without any. Blocks.

    A layer that was built for Lambda's Python has its twin's packages where this machine's Python is another. Raises
    TwinFailedError.
    """
    parts = [part for layer in layers for part in _parts(layer, cache_dir)]
    if not parts:
        return None
    if len(parts) == 1 and parts[0][1] == ".":
        return parts[0][0]
    name = hashlib.sha256("\n".join(f"{source} {place}" for source, place in parts).encode()).hexdigest()[:32]
    return made_once(cache_dir / "layers" / name, lambda part: _merge(parts, part))


def _parts(layer: Layer, cache_dir: Path) -> list[tuple[Path, str]]:
    """Folders and where in /opt their content belongs."""
    folder = Path(layer.path)
    lock = folder / twins.LOCK_NAME
    if not lock.exists() or twins.host_runs_layers():
        return [(folder, ".")]
    return [(twins.twin(lock, cache_dir), "python")]


def _merge(parts: Sequence[tuple[Path, str]], target: Path) -> None:
    for source, place in parts:
        shutil.copytree(source, target / place, dirs_exist_ok=True, copy_function=_link, symlinks=True)


def _link(source: str, target: str) -> None:
    """The same file under another name where the file system lets it, so that it takes no room."""
    Path(target).unlink(missing_ok=True)
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
