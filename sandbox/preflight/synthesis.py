"""What a CDK app says when it cannot be synthesised, as a finding with the next step. Pure."""

import re

from sandbox.preflight.findings import Finding

_KNOWN = (
    (
        re.compile(r"Cannot find asset at (\S+)"),
        "code",
        "there is no folder {0} to take its code from",
        "give Code.from_asset a path from the definition's file (__file__), not from the folder where cdk is run",
    ),
    (
        re.compile(r"(\w+) environment variable is reserved by the lambda runtime"),
        "function",
        "a function's environment sets {0}, which Lambda reserves",
        "leave it out, Lambda sets it itself",
    ),
    (
        re.compile(r"(Duration cannot be less than 1 minute|cannot be converted into a whole number of minutes)"),
        "schedule",
        "EventBridge takes no schedule under 1 minute",
        "use rate(1 minute) or longer; what must come sooner has the function wait and repeat",
    ),
)


def finding(app: str, said: str) -> Finding:
    """`said`: the app's last line."""
    for pattern, check, cause, remedy in _KNOWN:
        match = pattern.search(said)
        if match is not None:
            return Finding(check=check, where=app, cause=cause.format(match[1]), remedy=remedy)
    return Finding(check="synthesis", where=app, cause=said, remedy="run its app.py with the same context to see all")
