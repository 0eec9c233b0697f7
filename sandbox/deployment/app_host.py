"""`python -m sandbox.deployment.app_host MODULE …`: has CDK and these of its modules loaded, and waits for one line.

The line is `{"folder": …, "program": …}`: the program runs as `python3 PROGRAM` in that folder would. Where no line
comes, it ends and leaves nothing.
"""

import contextlib
import importlib
import json
import os
import runpy
import shutil
import sys
from pathlib import Path


def main() -> None:
    for name in sys.argv[1:]:
        with contextlib.suppress(ImportError):
            importlib.import_module(f"aws_cdk.{name}")
    line = sys.stdin.readline()
    if not line:
        shutil.rmtree(Path(os.environ["CDK_OUTDIR"]).parent, ignore_errors=True)
        return
    asked = json.loads(line)
    os.chdir(asked["folder"])
    sys.path[0] = asked["folder"]
    sys.argv = [asked["program"]]
    runpy.run_path(asked["program"], run_name="__main__")
    # Everything is written; CDK's library would take half a second to end what it started, which ends by itself.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
