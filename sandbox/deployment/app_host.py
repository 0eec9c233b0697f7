"""`python -m sandbox.deployment.app_host FOLDER PROGRAM`: runs an app's program again at every line that it is given.

Each run is as `python3 PROGRAM` in that folder would be, and answers with a line once everything is written; a run that
fails ends the process. The first is nobody's: it loads CDK and warms it, and nothing is kept of it. When no line can
come any more, the process ends and leaves nothing.
"""

import contextlib
import importlib
import os
import runpy
import shutil
import sys
import sysconfig
from pathlib import Path

INSTALLED = tuple(sysconfig.get_path(kind) for kind in ("stdlib", "platstdlib", "purelib", "platlib"))


def main() -> None:
    folder, program = sys.argv[1:]
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    # What the app prints is no answer.
    os.dup2(2, 1)
    os.chdir(folder)
    made = Path(os.environ["CDK_OUTDIR"])
    kept = frozenset(sys.modules)
    with contextlib.suppress(BaseException):
        _run(folder, program, kept)
    shutil.rmtree(made, ignore_errors=True)
    while sys.stdin.readline():
        _run(folder, program, kept)
        answers.write("\n")
    shutil.rmtree(made.parent, ignore_errors=True)
    # CDK's library would take half a second to end what it started, which ends by itself.
    os._exit(0)


def _run(folder: str, program: str, kept: frozenset[str]) -> None:
    path = list(sys.path)
    sys.path[0] = folder
    sys.argv = [program]
    try:
        runpy.run_path(program, run_name="__main__")
    finally:
        sys.path[:] = path
        _forget(kept)


def _forget(kept: frozenset[str]) -> None:
    """Let the next run read the project's own modules, and what its assets hold, anew."""
    for name in set(sys.modules) - kept:
        file = getattr(sys.modules[name], "__file__", None)
        if file is not None and not file.startswith(INSTALLED):
            del sys.modules[name]
    importlib.invalidate_caches()
    if cdk := sys.modules.get("aws_cdk"):
        cdk.AssetStaging.clear_asset_hash_cache()


if __name__ == "__main__":
    main()
