"""Plausible bugs, each a change to the handlers' own source; one that no longer fits the source is an error."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
FOLDER = Path(__file__).parent / "mutants"
SERVICES = ROOT / "services"
SOURCES = (SERVICES / "shared", *sorted(SERVICES.glob("*/lambda")))


@dataclass(frozen=True, kw_only=True)
class Mutant:
    """One bug: what it is, which order and seeds find it, and which invariants it may break."""

    name: str
    about: str
    order: tuple[str, ...]
    seeds: str
    breaks: tuple[str, ...]
    changes: tuple[Mapping[str, str], ...]

    def overrides(self, folder: Path) -> list[str]:
        """The changed modules, written to a folder, as `--override` takes them."""
        texts: dict[str, str] = {}
        for change in self.changes:
            module = change["module"]
            text = texts.get(module) or _source(module).read_text(encoding="utf-8")
            places = text.count(change["find"])
            if places != 1:
                raise ValueError(f"{self.name}: expected one place to change in {module}, found {places}")
            texts[module] = text.replace(change["find"], change["replace"])
        words: list[str] = []
        for module, text in texts.items():
            file = folder / f"{module}.py"
            file.write_text(text, encoding="utf-8")
            words += ["--override", f"{module}={file}"]
        return words


def every() -> list[Mutant]:
    """All of them, by name."""
    return [_read(path) for path in sorted(FOLDER.glob("*.toml"))]


def _read(path: Path) -> Mutant:
    document: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    return Mutant(
        name=path.stem,
        about=document["about"],
        order=tuple(document["order"].split()),
        seeds=document["seeds"],
        breaks=tuple(document["breaks"]),
        changes=tuple(document["changes"]),
    )


def _source(module: str) -> Path:
    found = [path for root in SOURCES if (path := root.joinpath(*module.split(".")).with_suffix(".py")).exists()]
    if len(found) != 1:
        raise ValueError(f"expected one file of the module {module}, found {len(found)}")
    return found[0]
