"""`state.json`: how clients and commands find a running sandbox."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cattrs import Converter


class NotRunningError(RuntimeError):
    """No sandbox runs with this state folder."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"expected a running sandbox (its state in {path}), found none: start one with 'sandbox up'")


@dataclass(frozen=True, kw_only=True)
class SandboxState:
    """The contract's `.sandbox/state.json`; names as in the file."""

    pid: int
    backend: str
    endpointUrl: str  # noqa: N815 - the contract's own names, here and below
    webSocketUrl: str  # noqa: N815
    connectionsUrl: str  # noqa: N815
    transcribeUrl: str  # noqa: N815
    transcribeCaFile: str  # noqa: N815
    proxyUrl: str  # noqa: N815
    caFile: str  # noqa: N815
    region: str
    accountId: str  # noqa: N815
    environment: str
    stacks: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    dataEndpoints: Mapping[str, str] = field(default_factory=dict)  # noqa: N815
    """The services that another backend holds, each with its endpoint."""


def write(state: SandboxState, path: Path) -> None:
    """Put the state in place at once, so that no reader sees half of it."""
    part = path.with_suffix(".part")
    part.write_text(json.dumps(to_json(state), indent=1))
    part.replace(path)


def to_json(state: SandboxState) -> dict[str, Any]:
    """The state as the file has it."""
    document: dict[str, Any] = _converter().unstructure(state)
    return document


def read(path: Path) -> SandboxState:
    """The state of the running sandbox. Raises NotRunningError when there is none or its process is gone."""
    try:
        document = json.loads(path.read_text())
    except (OSError, ValueError):
        raise NotRunningError(path) from None
    from cattrs import BaseValidationError

    try:
        state = _converter().structure(document, SandboxState)
        os.kill(state.pid, 0)
    except (OSError, ValueError, BaseValidationError):
        raise NotRunningError(path) from None
    return state


@cache
def _converter() -> "Converter":
    """Loaded when there is a state: a sandbox that starts meets none, and somebody waits for it."""
    from cattrs import Converter

    return Converter()
