"""Modules that each execution environment has for itself: a function's own code and what is shared by a layer.

Libraries are shared between environments, as code is between processes, but for those whose modules keep state of the
product's (`ALSO_PRIVATE`). Code is compiled once; an environment only runs it.
"""

import importlib.abc
import importlib.machinery
import importlib.util
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType, ModuleType

from sandbox.definitions.model import Function
from sandbox.functions.twins import LOCK_NAME

ALSO_PRIVATE = ("aws_lambda_powertools",)
"""Powertools keeps metrics and loggers at module level."""


class CodeCache:
    """Compiled modules by file, shared by all environments of a run. `overrides` puts a file in a module's place."""

    def __init__(self, overrides: Mapping[str, Path]) -> None:
        self.overrides = overrides
        self._compiled: dict[Path, CodeType] = {}

    def code(self, path: Path) -> CodeType:
        if path not in self._compiled:
            self._compiled[path] = compile(path.read_bytes(), str(path), "exec", dont_inherit=True)
        return self._compiled[path]


def roots(function: Function) -> tuple[Path, ...]:
    """The folders that a function imports its own modules from: its code, and layers without a lock of libraries."""
    folders = [Path(function.path)]
    for layer in function.layers:
        if not (Path(layer.path) / LOCK_NAME).exists():
            folders += [Path(layer.path) / "python", Path(layer.path) / "python/lib/python3.11/site-packages"]
    return tuple(folders)


@dataclass(kw_only=True)
class PrivateModules:
    """One environment's own modules; `put_in_place` and `take_away` exchange them with those of another."""

    folders: Sequence[Path]
    cache: CodeCache
    loaded: dict[str, ModuleType] = field(default_factory=dict)
    names: list[str] = field(default_factory=list)
    _tops: dict[str, Path | None] = field(default_factory=dict)

    def put_in_place(self) -> None:
        sys.modules.update(self.loaded)

    def take_away(self) -> None:
        modules = sys.modules
        for name in self.names:
            module = modules.pop(name, None)
            if module is not None:
                self.loaded[name] = module

    def find(self, fullname: str) -> importlib.machinery.ModuleSpec | None:
        """The spec of a module that is private, or None."""
        top, _, _ = fullname.partition(".")
        if top not in self._tops:
            self._tops[top] = self._top(top)
        folder = self._tops[top]
        if folder is None:
            return None
        base = folder.joinpath(*fullname.split("."))
        package, module = base / "__init__.py", base.with_suffix(".py")
        override = self.cache.overrides.get(fullname)
        if package.exists():
            loader = _Loader(self, override or package, package=True)
            spec = importlib.machinery.ModuleSpec(fullname, loader, origin=str(package), is_package=True)
            spec.submodule_search_locations = [str(base)]
            return spec
        if override is not None or module.exists():
            loader = _Loader(self, override or module, package=False)
            return importlib.machinery.ModuleSpec(fullname, loader, origin=str(override or module))
        return None

    def _top(self, top: str) -> Path | None:
        for folder in self.folders:
            if (folder / top / "__init__.py").exists() or (folder / f"{top}.py").exists():
                return folder
        if top in ALSO_PRIVATE:
            found = importlib.machinery.PathFinder.find_spec(top)
            if found is not None and found.submodule_search_locations:
                return Path(found.submodule_search_locations[0]).parent
        return None


class _Loader(importlib.abc.Loader):
    """Runs a compiled file as a module of the environment that asked."""

    def __init__(self, modules: PrivateModules, path: Path, *, package: bool) -> None:
        self._modules = modules
        self._path = path
        self._package = package

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType | None:
        self._modules.names.append(spec.name)
        return None

    def exec_module(self, module: ModuleType) -> None:
        module.__file__ = str(self._path)
        exec(self._modules.cache.code(self._path), module.__dict__)  # noqa: S102 - the functions' own code


class PrivateFinder(importlib.abc.MetaPathFinder):
    """Asks the environment that ran last, if any."""

    def __init__(self) -> None:
        self.active: PrivateModules | None = None

    def use(self, modules: PrivateModules | None) -> None:
        """Exchange the modules that are in place for these."""
        if modules is self.active:
            return
        if self.active is not None:
            self.active.take_away()
        if modules is not None:
            modules.put_in_place()
        self.active = modules

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,  # noqa: ARG002 - Python's names, here and below
        target: ModuleType | None = None,  # noqa: ARG002
    ) -> importlib.machinery.ModuleSpec | None:
        return self.active.find(fullname) if self.active is not None else None
