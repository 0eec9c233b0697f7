"""What a control plane is told that was begun before anybody knew what it is to be."""

import json
import os
import sys


def awaited() -> list[str]:
    """The arguments, from one JSON line on standard input; standard error goes to the file that it names from then on.

    Ends the process when no line can come any more.
    """
    line = sys.stdin.readline()
    if not line:
        sys.exit(0)
    order = json.loads(line)
    log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    os.dup2(log, sys.stderr.fileno())
    os.close(log)
    arguments: list[str] = order["arguments"]
    return arguments
