"""`cdk`, `aws` and `wscat` as commands, each on the interpreter that it is pinned to."""

import shlex
from pathlib import Path

from sandbox.deployment.synth import node_binary
from sandbox.live.settings import PROJECT
from sandbox.tools.packages import from_npm, from_pip

DEFINITION = Path(__file__).resolve().parent
AWS_LOCK = PROJECT / "requirements" / "aws-cli.lock"
CACHE = PROJECT / ".cache" / "tools"


def install(folder: Path) -> list[Path]:
    """Install the tools, write their launchers into `folder`, whose `python3` runs the CDK apps, and return these.

    Instant when the packages are there. Raises InstallError.
    """
    node_modules = from_npm(DEFINITION, cache=CACHE) / "node_modules"
    python = from_pip(AWS_LOCK, cache=CACHE) / "bin" / "python"
    node = node_binary()
    path = f'PATH={shlex.quote(f"{folder}:{node.parent}")}:"$PATH"; export PATH'
    texts = {
        # This AWS CLI reads the Region of AWS_DEFAULT_REGION alone, where its second version and the SDKs know both.
        "aws": _script(
            '[ -z "$AWS_REGION" ] || export AWS_DEFAULT_REGION="${AWS_DEFAULT_REGION:-$AWS_REGION}"',
            f'exec {shlex.quote(str(python))} -m awscli "$@"',
        ),
        # An app is `python3 …_app.py`, and its bindings look for a `node`.
        "cdk": _script(path, _node(node, node_modules / "aws-cdk" / "bin" / "cdk")),
        # wscat takes a proxy as an option alone, where other clients read it from the environment.
        "wscat": _script(
            _node(node, node_modules / "wscat" / "bin" / "wscat", '${HTTPS_PROXY:+--proxy "$HTTPS_PROXY"}')
        ),
    }
    launchers = []
    for name, text in texts.items():
        launcher = folder / name
        launcher.unlink(missing_ok=True)
        launcher.write_text(text)
        launcher.chmod(0o755)
        launchers.append(launcher)
    return launchers


def _node(node: Path, program: Path, *options: str) -> str:
    return f'exec {shlex.quote(str(node))} {shlex.quote(str(program))} {"".join(f"{one} " for one in options)}"$@"'


def _script(*lines: str) -> str:
    return "\n".join(["#!/bin/sh", *lines, ""])
