"""`sandbox logs`, `invoke`: look inside a running system."""

import json
import sys
import time
import urllib.error
import urllib.request
from typing import Annotated, Any

import typer

from sandbox.cli.options import DEFAULT_STATE_DIR, AsJson, StateDir, failure, print_json, usage_error
from sandbox.cli.system import ask, current

FOLLOW_EVERY_S = 0.5
SUBJECT_CHARACTERS = 100
"""Shown of a message without a subject; Amazon SNS allows a subject no more."""


def register(app: typer.Typer) -> None:
    app.command(epilog="Example: sandbox logs -f ConnectionHandler-staging")(logs)
    app.command(epilog="Example: sandbox inbox --json")(inbox)
    app.command(epilog="""Example: sandbox invoke SessionStatusHandler-staging '{"source": "aws.events"}'""")(invoke)


def logs(
    function: Annotated[str, typer.Argument(help="One function's name; all without.")] = "",
    follow: Annotated[bool, typer.Option("-f", "--follow", help="Go on with each new line until Ctrl-C.")] = False,
    state_dir: StateDir = DEFAULT_STATE_DIR,
    as_json: AsJson = False,
) -> None:
    """Print the latest lines of the functions' logs; with --json one document, or one a line when following."""
    lines = ask(state_dir, "POST", "logs", {"function": function or None})
    if as_json and not follow:
        print_json(lines)
        return
    last = 0
    while True:
        for line in lines:
            if line["number"] > last:
                print(json.dumps(line) if as_json else _shown(line), flush=follow)
        if not follow:
            return
        last = max((line["number"] for line in lines), default=last)
        time.sleep(FOLLOW_EVERY_S)
        lines = ask(state_dir, "POST", "logs", {"function": function or None})


def _shown(line: dict[str, Any]) -> str:
    moment = time.strftime("%H:%M:%S", time.gmtime(line["atMs"] / 1000))
    return f"{moment} {line['function']:<32} {line['line']}"


def inbox(state_dir: StateDir = DEFAULT_STATE_DIR, as_json: AsJson = False) -> None:
    """Print what whoever is on call received: every message published to a topic, the oldest first."""
    messages = ask(state_dir, "GET", "inbox")
    if as_json:
        print_json(messages)
        return
    if not messages:
        print("nothing was published to any topic")
    for message in messages:
        moment = time.strftime("%H:%M:%S", time.gmtime(message["at_ms"] / 1000))
        topic = message["topic_arn"].rpartition(":")[2]
        print(f"{moment} {topic}: {message['subject'] or message['text'][:SUBJECT_CHARACTERS]}")


def invoke(
    function: Annotated[str, typer.Argument(help="The function's name.")],
    payload: Annotated[str, typer.Argument(help="The event, a JSON document.")] = "{}",
    state_dir: StateDir = DEFAULT_STATE_DIR,
) -> None:
    """Invoke a function and print what it returns; exit 1 when it fails."""
    try:
        json.loads(payload)
    except ValueError as error:
        usage_error(f"expected a JSON document, got {error}")
    url = f"{current(state_dir).endpointUrl}/2015-03-31/functions/{function}/invocations"
    try:
        with urllib.request.urlopen(url, data=payload.encode()) as answer:  # noqa: S310 - the sandbox's own port
            print(answer.read().decode())
            failed = answer.headers.get("X-Amz-Function-Error")
    except urllib.error.HTTPError as error:
        failure(json.loads(error.read()).get("message", str(error)))
    if failed:
        print(f"sandbox: {function} failed ({failed})", file=sys.stderr)
        raise typer.Exit(1)
