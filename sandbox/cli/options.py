"""Options and endings that the commands share."""

import sys
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

StateDir = Annotated[Path, typer.Option("--state-dir", help="Where the sandbox keeps its state.", show_default=True)]
AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]

DEFAULT_STATE_DIR = Path(".sandbox")


def usage_error(error: Exception | str) -> NoReturn:
    """End with one line and exit code 2: the caller asked for something that cannot be."""
    print(f"sandbox: {error}", file=sys.stderr)
    raise typer.Exit(2)


def failure(error: Exception | str) -> NoReturn:
    """End with one line and exit code 1: what was asked for did not work."""
    print(f"sandbox: {error}", file=sys.stderr)
    raise typer.Exit(1)


def print_json(document: Any) -> None:
    """One JSON document, readable by people and programs."""
    import json

    print(json.dumps(document, indent=1, ensure_ascii=False))
