"""Configuration files, validated when they are loaded."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import aws_cdk as cdk

ENVIRONMENTS = ("dev", "staging", "prod")


class ConfigError(ValueError):
    """A configuration that cannot be deployed; the text says what was expected, what came and where."""


def environment_of(app: cdk.App) -> str:
    """The environment named by `-c environment=` or `-c env=`. Raises ConfigError."""
    name = app.node.try_get_context("environment") or app.node.try_get_context("env")
    if name not in ENVIRONMENTS:
        raise ConfigError(f"expected -c environment= or -c env= to be one of {', '.join(ENVIRONMENTS)}, got {name}")
    return str(name)


def load(folder: Path, environment: str, shape: Mapping[str, Any]) -> dict[str, Any]:
    """The environment's file, of the given shape: names to types, or to shapes of their own. Raises ConfigError."""
    path = folder / "config" / f"{environment}.json"
    try:
        document = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise ConfigError(f"expected a JSON file at {path}, got {error}") from None
    _check(document, shape, path.name)
    checked: dict[str, Any] = document
    return checked


def _check(document: Any, shape: Mapping[str, Any], where: str) -> None:
    if not isinstance(document, dict):
        raise ConfigError(f"{where}: expected an object, got {type(document).__name__}")
    for name in shape.keys() ^ document.keys():
        raise ConfigError(f"{where}: expected {', '.join(shape)}, got {'no ' if name in shape else ''}{name}")
    for name, wanted in shape.items():
        value = document[name]
        if isinstance(wanted, Mapping):
            _check(value, wanted, f"{where}: {name}")
        elif not isinstance(value, wanted) or (isinstance(value, bool) and wanted is not bool):
            kinds = wanted if isinstance(wanted, tuple) else (wanted,)
            names = " or ".join(kind.__name__ for kind in kinds)
            raise ConfigError(f"{where}: {name}: expected {names}, got {value!r}")
