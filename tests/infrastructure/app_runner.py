"""Runs one CDK app in a process of its own, as a synthesis does: what it says, and which settings it reads."""

import json
import os
import subprocess
import sys
from pathlib import Path

from sandbox.deployment.synth import node_binary

ROOT = Path(__file__).resolve().parents[2]
WITHIN_S = 180

NOTE_READS = """
import atexit, json
from cdk_common import config

unread = set()

class Noting(dict):
    def __init__(self, document, path):
        super().__init__(document)
        self._path = path

    def __getitem__(self, name):
        value = super().__getitem__(name)
        unread.discard((*self._path, name))
        return Noting(value, (*self._path, name)) if isinstance(value, dict) else value

def leaves(document, shape, path=()):
    for name, value in document.items():
        if isinstance(value, dict) and not isinstance(shape[name], config.Checked):
            yield from leaves(value, shape[name], (*path, name))
        else:
            yield (*path, name)

load = config.load

def noting(folder, environment, shape, **given):
    document = load(folder, environment, shape, **given)
    unread.update(leaves(document, shape))
    # `load` itself holds it against the environment that was asked for.
    unread.discard(("environment",))
    return Noting(document, ())

config.load = noting
atexit.register(lambda: print(json.dumps(sorted(".".join(path) for path in unread))))
"""
"""Has the configuration note what is read of it, and print the rest when the app ends."""


def run(app: Path, out: Path, *, context: dict[str, str], before: str = "") -> "subprocess.CompletedProcess[str]":
    """Synthesise an app into `out` with this context, after the statements `before`."""
    (program,) = app.glob("*_app.py")
    node = node_binary()
    variables = os.environ | {
        "CDK_OUTDIR": str(out),
        "CDK_CONTEXT_JSON": json.dumps(context),
        "JSII_NODE": str(node),
        "PATH": f"{node.parent}{os.pathsep}{os.environ.get('PATH', '')}",
    }
    code = (
        f"import runpy, sys\nsys.path[:0] = ['.', {str(app.parents[1])!r}]\n{before}\n"
        f"runpy.run_path({program.name!r}, run_name='__main__')"
    )
    return subprocess.run(
        [sys.executable, "-c", code], cwd=app, env=variables, capture_output=True, text=True, check=False,
        timeout=WITHIN_S,
    )  # fmt: skip
