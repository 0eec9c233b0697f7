"""Configuration files, validated when they are loaded: names, types and ranges, with one line for the first fault."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import aws_cdk as cdk

ENVIRONMENTS = ("dev", "staging", "prod")


class ConfigError(ValueError):
    """A configuration that cannot be deployed; the text says what was expected, what came and where."""


class Rule(Protocol):
    """What one value must be."""

    def complaint(self, value: Any) -> str | None:
        """`expected …, got …`, or None for a value that is taken."""
        ...


@dataclass(frozen=True, kw_only=True)
class Whole:
    """A whole number of `unit`, from `least` to `most`."""

    least: int
    most: int
    unit: str

    def complaint(self, value: Any) -> str | None:
        if isinstance(value, int) and not isinstance(value, bool) and self.least <= value <= self.most:
            return None
        return f"expected {self.unit}, a whole number from {self.least} to {self.most}, got {value!r}"


@dataclass(frozen=True, kw_only=True)
class Text:
    """A text of which all matches `pattern`; `form` says that in words."""

    pattern: str
    form: str

    def complaint(self, value: Any) -> str | None:
        if isinstance(value, str) and re.fullmatch(self.pattern, value):
            return None
        return f"expected {self.form}, got {value!r}"


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One of some texts."""

    of: tuple[str, ...]

    def complaint(self, value: Any) -> str | None:
        return None if value in self.of else f"expected one of {', '.join(self.of)}, got {value!r}"


@dataclass(frozen=True, kw_only=True)
class Checked:
    """An object of these names that other code checks: `check` raises ValueError with its own words."""

    names: tuple[str, ...]
    check: Callable[[Mapping[str, Any]], object]

    def complaint(self, value: Any) -> str | None:
        if not isinstance(value, dict) or set(value) != set(self.names):
            return f"expected an object of {', '.join(self.names)}, got {value!r}"
        try:
            self.check(value)
        except ValueError as error:
            return str(error)
        return None


Shape = Mapping[str, "Rule | Shape"]

ACCOUNT = Text(pattern=r"[0-9]{12}", form="an AWS account id, 12 digits in quotes")
REGION = Text(pattern=r"[a-z]{2}(-[a-z]+)+-[0-9]", form="an AWS Region such as us-east-1")
LOG_LEVEL = Choice(of=("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"))
MEMORY = Whole(least=128, most=10_240, unit="megabytes of memory")
"""AWS Lambda quotas, "Function memory allocation"."""


def environment_of(app: cdk.App) -> str:
    """The environment named by `-c environment=` or `-c env=`. Raises ConfigError."""
    name = app.node.try_get_context("environment") or app.node.try_get_context("env")
    if name not in ENVIRONMENTS:
        raise ConfigError(f"expected -c environment= or -c env= to be one of {', '.join(ENVIRONMENTS)}, got {name}")
    return str(name)


def load(
    folder: Path, environment: str, shape: Shape, *, conflict: Callable[[dict[str, Any]], str | None] | None = None
) -> dict[str, Any]:
    """The environment's file, of the given shape: names to rules, or to shapes of their own. Raises ConfigError.

    `conflict` says which of the values, each good by itself, do not go together.
    """
    path = folder / "config" / f"{environment}.json"
    try:
        document = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise ConfigError(f"expected a JSON file at {path}, got {error}") from None
    check(document, shape, path.name)
    if document.get("environment", environment) != environment:
        raise ConfigError(f"{path.name}: environment: expected {environment}, got {document['environment']!r}")
    checked: dict[str, Any] = document
    found = conflict(checked) if conflict is not None else None
    if found is not None:
        raise ConfigError(f"{path.name}: {found}")
    return checked


def check(document: Any, shape: Shape, where: str) -> None:
    """Hold a document against a shape; `where` begins the complaint. Raises ConfigError for the first fault."""
    if not isinstance(document, dict):
        raise ConfigError(f"{where}: expected an object, got {type(document).__name__}")
    for name in sorted(shape.keys() ^ document.keys()):
        raise ConfigError(f"{where}: expected {', '.join(shape)}, got {'no ' if name in shape else ''}{name}")
    for name, wanted in shape.items():
        value = document[name]
        if isinstance(wanted, Mapping):
            check(value, wanted, f"{where}: {name}")
            continue
        complaint = wanted.complaint(value)
        if complaint is not None:
            raise ConfigError(f"{where}: {name}: {complaint}")
