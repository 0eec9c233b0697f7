"""Folders that are expensive to make, made once and named by their content, whoever asks first."""

import fcntl
import shutil
from collections.abc import Callable
from pathlib import Path


def made_once(target: Path, make: Callable[[Path], None]) -> Path:
    """The folder `target`, whole: when it is not there, `make` fills an empty folder that then takes its name.

    Blocks while another process makes it. What `make` raises leaves nothing behind, so that a second try starts anew.
    """
    if target.exists():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.with_name(f"{target.name}.lock").open("w") as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)
        if not target.exists():
            part = target.with_name(f"{target.name}.part")
            shutil.rmtree(part, ignore_errors=True)
            part.mkdir()
            try:
                make(part)
                part.replace(target)
            finally:
                shutil.rmtree(part, ignore_errors=True)
    return target
