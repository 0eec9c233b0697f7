"""The tools that `python3 dev.py tools` installs, in a folder of a test's own."""

import sys
from pathlib import Path

import pytest

from sandbox.tools.errors import InstallError
from sandbox.tools.launchers import install


def installed(folder: Path) -> Path:
    """The folder with `cdk`, `aws`, `wscat`, and the `python3` that runs the CDK apps; skips where their registries
    cannot be reached."""
    try:
        install(folder)
    except InstallError as error:
        pytest.skip(str(error))
    python = folder / "python3"
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    python.chmod(0o755)
    return folder
