"""Options and endings that the commands share."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, NoReturn

import typer

if TYPE_CHECKING:
    from sandbox.gateway.quotas import Quotas
    from sandbox.live.backend import Backend
    from sandbox.processes import ChildFailedError


def _folder(path: Path) -> Path:
    if path.exists() and not path.is_dir():
        usage_error(f"expected --state-dir to be a folder, {path} is a file: give another")
    return path


StateDir = Annotated[
    Path,
    typer.Option("--state-dir", help="Where the sandbox keeps its state.", show_default=True, callback=_folder),
]
BackendName = Annotated[
    str,
    typer.Option(
        "--backend",
        envvar="SANDBOX_BACKEND",
        help="Where tables, queues, topics and parameters live: embedded, localstack (http://localhost:4567) or a URL.",
    ),
]
DynamodbUrl = Annotated[
    str | None, typer.Option("--dynamodb", envvar="SANDBOX_DYNAMODB", help="Where tables live, if not there: a URL.")
]
IamMode = Annotated[
    Literal["enforce", "warn", "off"],
    typer.Option(
        "--iam",
        help="What is done with a call that a function's role does not allow: refuse it, only tell, or nothing.",
    ),
]
QuotaOption = Annotated[
    list[str] | None,
    typer.Option(
        "--quota",
        metavar="NAME=NUMBER",
        help="A quota of the account other than AWS's own: connections-per-second, requests-per-second, request-burst, "
        "transcribe-streams, parameter-reads-per-second. Once for each.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]

USAGE = 2
"""The exit code of wrong usage."""

DEFAULT_STATE_DIR = Path(".sandbox")


def usage_error(error: Exception | str) -> NoReturn:
    """End with one line and exit code 2: the caller asked for something that cannot be."""
    print(f"sandbox: {error}", file=sys.stderr)
    raise typer.Exit(USAGE)


def failure(error: Exception | str) -> NoReturn:
    """End with one line and exit code 1: what was asked for did not work."""
    print(f"sandbox: {error}", file=sys.stderr)
    raise typer.Exit(1)


def backend_of(name: str, dynamodb: str | None) -> "Backend":
    """The backend that the options mean, or exit 2 with the next step."""
    from sandbox.live.backend import BackendError, choose

    try:
        return choose(name, dynamodb=dynamodb)
    except BackendError as error:
        usage_error(error)


def quotas_of(given: list[str] | None) -> "Quotas":
    """The quotas that the options mean, or exit 2 with the next step."""
    from sandbox.gateway.quotas import QuotaError, parsed

    try:
        return parsed(given or ())
    except QuotaError as error:
        usage_error(error)


def child_failure(error: "ChildFailedError") -> NoReturn:
    """End as a child process did that was asked for something that cannot be, or with exit code 1."""
    if error.exit_code == USAGE:
        print(error.said, file=sys.stderr)
        raise typer.Exit(USAGE)
    failure(error)


def print_json(document: Any) -> None:
    """One JSON document, readable by people and programs."""
    import json

    print(json.dumps(document, indent=1, ensure_ascii=False))
