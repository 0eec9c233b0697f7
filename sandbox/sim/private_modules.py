"""Modules that each execution environment has for itself: a function's own code and what is shared by a layer.

Libraries are shared between environments, as code is between processes, but for those whose modules keep state of the
product's (`ALSO_PRIVATE`). Code is compiled once; an environment only runs it.
"""

import contextlib
import dataclasses
import importlib.abc
import importlib.machinery
import importlib.util
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from sandbox.definitions.model import Function
from sandbox.functions.twins import LOCK_NAME

ALSO_PRIVATE = ("aws_lambda_powertools",)
"""Powertools keeps metrics and loggers at module level."""
STATELESS = frozenset(
    f"aws_lambda_powertools.{name}"
    for name in (
        "exceptions",
        "logging.buffer.cache",
        "logging.buffer.config",
        "logging.buffer.functions",
        "logging.constants",
        "logging.exceptions",
        "logging.filters",
        "logging.lambda_context",
        "metrics.exceptions",
        "metrics.functions",
        "metrics.provider.cloudwatch_emf.exceptions",
        "metrics.provider.cloudwatch_emf.metric_properties",
        "shared.constants",
        "shared.functions",
        "shared.json_encoder",
        "shared.types",
        "shared.version",
        "utilities.jmespath_utils",
        "warnings",
    )
)
"""Of those, modules without state, which import none that has any: all environments have them in common."""
_common: dict[str, ModuleType] = {}


# Paths are compared and written by Python, and sought for every import: here they are texts.
@cache
def compiled(path: str) -> CodeType:
    """A module's code: the same in every environment of every run of this process."""
    return compile(Path(path).read_bytes(), path, "exec", dont_inherit=True)


@cache
def _source(folder: str, fullname: str) -> tuple[str, bool] | None:
    """The file of a module below a folder, and whether it is a package's; deployed code does not change."""
    base = Path(folder).joinpath(*fullname.split("."))
    package, module = base / "__init__.py", base.with_suffix(".py")
    if package.exists():
        return str(package), True
    return (str(module), False) if module.exists() else None


@contextlib.contextmanager
def texts_compiled_once() -> Iterator[None]:
    """Dataclasses write their methods as text: each text is compiled once, however many environments make its class."""

    def execute(text: str, names: dict[str, Any], found: dict[str, Any]) -> None:
        exec(_compiled_text(text), names, found)  # noqa: S102 - in the place of `exec` with the text

    # A module's own name comes before the builtin one.
    vars(dataclasses)["exec"] = execute
    try:
        yield
    finally:
        del vars(dataclasses)["exec"]


@cache
def _compiled_text(text: str) -> CodeType:
    return compile(text, "<string>", "exec", dont_inherit=True)


def compile_all(functions: Iterable[Function]) -> None:
    """Compile every module of these functions, so that processes that are forked from this one need not."""
    for folder in {folder for function in functions for folder in roots(function)}:
        for path in folder.rglob("*.py"):
            compiled(str(path))


def roots(function: Function) -> tuple[Path, ...]:
    """The folders that a function imports its own modules from: its code, and layers without a lock of libraries."""
    return _roots(function.path, tuple(layer.path for layer in function.layers))


@cache
def _roots(code: str, layers: tuple[str, ...]) -> tuple[Path, ...]:
    folders = [Path(code)]
    # Of two files of a name the later layer's is at /opt.
    for layer in map(Path, reversed(layers)):
        if not (layer / LOCK_NAME).exists():
            folders += [layer / "python/lib/python3.11/site-packages", layer / "python"]
    return tuple(folders)


@contextlib.contextmanager
def put_aside(functions: Iterable[Function]) -> Iterator[None]:
    """Take away what this process itself has imported of the functions' modules: each environment imports its own."""
    folders = {folder for function in functions for folder in roots(function) if folder.is_dir()}
    tops = {path.stem for folder in folders for path in folder.iterdir()} | set(ALSO_PRIVATE)
    aside = {name: module for name, module in sys.modules.items() if name.partition(".")[0] in tops}
    for name in aside:
        del sys.modules[name]
    try:
        yield
    finally:
        sys.modules.update(aside)


@dataclass(kw_only=True)
class PrivateModules:
    """One environment's own modules.

    They are among Python's modules only while they are being imported, and are found again when code imports them
    later: environments take turns far more often than they import.
    """

    folders: Sequence[Path]
    overrides: Mapping[str, Path]
    """Files in the place of modules, by module name."""
    loaded: dict[str, ModuleType] = field(default_factory=dict)
    placed: list[str] = field(default_factory=list)
    _tops: dict[str, str | None] = field(default_factory=dict)

    def take_away(self) -> None:
        """Make room for another environment's."""
        modules = sys.modules
        for name in self.placed:
            module = modules.pop(name, None)
            if module is not None:
                self.loaded[name] = module
        self.placed.clear()

    def find(self, fullname: str) -> importlib.machinery.ModuleSpec | None:
        """The spec of a module that is private, or None."""
        top, _, _ = fullname.partition(".")
        if top not in self._tops:
            self._tops[top] = self._top(top)
        folder = self._tops[top]
        if folder is None:
            return None
        found, override = _source(folder, fullname), self.overrides.get(fullname)
        if found is None and override is None:
            return None
        path, is_package = found or ("", False)
        origin = path if override is None else str(override)
        spec = importlib.machinery.ModuleSpec(fullname, _Loader(self, origin), origin=origin, is_package=is_package)
        if is_package:
            spec.submodule_search_locations = [path.removesuffix("/__init__.py")]
        return spec

    def _top(self, top: str) -> str | None:
        for folder in map(str, self.folders):
            if _source(folder, top) is not None:
                return folder
        if top in ALSO_PRIVATE:
            found = importlib.machinery.PathFinder.find_spec(top)
            if found is not None and found.submodule_search_locations:
                return str(Path(found.submodule_search_locations[0]).parent)
        return None


class _Loader(importlib.abc.Loader):
    """Runs a compiled file as a module of the environment that asked."""

    def __init__(self, modules: PrivateModules, path: str) -> None:
        self._modules = modules
        self._path = path

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType | None:
        self._modules.placed.append(spec.name)
        return self._modules.loaded.get(spec.name) or _common.get(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        name = module.__name__
        if name in self._modules.loaded or name in _common:
            return
        module.__file__ = self._path
        exec(compiled(self._path), module.__dict__)  # noqa: S102 - the functions' own code
        if name in STATELESS:
            _common[name] = module


class PrivateFinder(importlib.abc.MetaPathFinder):
    """Asks the environment that ran last, if any."""

    def __init__(self) -> None:
        self.active: PrivateModules | None = None

    def use(self, modules: PrivateModules | None) -> None:
        """Find these from now on; those of another environment are taken away."""
        if modules is self.active:
            return
        if self.active is not None and self.active.placed:
            self.active.take_away()
        self.active = modules

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,  # noqa: ARG002 - Python's names, here and below
        target: ModuleType | None = None,  # noqa: ARG002
    ) -> importlib.machinery.ModuleSpec | None:
        return self.active.find(fullname) if self.active is not None else None
