"""What takes moto long to load, left until it is asked for.

CloudFormation loads every service that moto has: most of the processor time of a start, and of the memory. Half of
that again are the tables of EC2's instance types and the validator of OpenAPI documents, which hardly anybody uses.
"""

import importlib
import sys
import threading
import types
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from botocore.loaders import Loader
from moto.core import utils as core_utils
from moto.utilities import utils
from werkzeug.routing import Rule

_INSTANCE_TYPES = "moto.ec2.models.instance_types"
_TABLES = ("INSTANCE_TYPES", "INSTANCE_FAMILIES", "INSTANCE_TYPE_OFFERINGS")
_VALIDATOR = "openapi_spec_validator"
_STANDING_IN = (_VALIDATOR, f"{_VALIDATOR}.validation", f"{_VALIDATOR}.validation.exceptions")

Load = Callable[[str], Any]
Compile = Callable[[Rule, bool], Callable[..., Any]]


class OpenAPIValidationError(Exception):
    """An OpenAPI document that is none, by the validator's own name for it."""


class Deferred:
    """`install` comes before any of moto's services is imported; `ready` before a service's first request."""

    def __init__(self, extensions: Mapping[str, Callable[[], None]]) -> None:
        """`extensions`: what is called once when a service is first asked for, because it would load it."""
        self._load: Load = utils.load_resource
        self._extensions = dict(extensions)
        self._lock = threading.Lock()
        self._has_instance_types = False

    def install(self) -> None:
        """Stand in for what is left; once a process."""
        utils.load_resource = self._load_the_rest
        # moto makes a loader for each model.
        core_utils.create_loader = cache(_listing_names_alone(core_utils.create_loader))
        # Every rule of a router has functions compiled that build URLs; nothing here builds any.
        Rule._compile_builder = _compiled_when_called(Rule._compile_builder)
        modules = {name: types.ModuleType(name) for name in _STANDING_IN}
        modules[_VALIDATOR].__dict__["validate"] = self._validate
        modules[_STANDING_IN[2]].__dict__["OpenAPIValidationError"] = OpenAPIValidationError
        sys.modules.update(modules)

    def ready(self, service: str) -> None:
        """Load what was left of a service's."""
        if service in self._extensions:
            with self._lock:
                if service in self._extensions:
                    self._extensions[service]()
                    del self._extensions[service]
        if service == "ec2" and not self._has_instance_types:
            self._load_instance_types()

    def _load_instance_types(self) -> None:
        with self._lock:
            module = importlib.import_module(_INSTANCE_TYPES)
            # Other modules hold these very objects.
            held = {name: getattr(module, name) for name in _TABLES}
            utils.load_resource, self._has_instance_types = self._load, True
            importlib.reload(module)
            for name, table in held.items():
                loaded = getattr(module, name)
                if isinstance(table, list):
                    table[:] = loaded
                else:
                    table.update(loaded)
                setattr(module, name, table)

    def _load_the_rest(self, path: str) -> Any:
        if path == "ec2/resources/instance_types.json":
            return {}
        return [] if "instance_type_offerings" in path else self._load(path)

    def _validate(self, document: Any) -> None:
        """The validator's own function, which is loaded now. Raises OpenAPIValidationError."""
        with self._lock:
            for name in _STANDING_IN:
                if sys.modules[name].__spec__ is None:
                    del sys.modules[name]
            validator = importlib.import_module(_VALIDATOR)
            exceptions = importlib.import_module(_STANDING_IN[2])
        try:
            validator.validate(document)
        except exceptions.OpenAPIValidationError as error:
            raise OpenAPIValidationError(str(error)) from error


def _listing_names_alone(create: Callable[[], Loader]) -> Callable[[], Loader]:
    """Loaders that list every service of botocore without looking into its folder for a version: there are 400."""

    def listing() -> Loader:
        loader = create()

        @cache
        def names(_type_name: str) -> list[str]:
            folders = [Path(path) for path in loader.search_paths if Path(path).is_dir()]
            return sorted({one.name for folder in folders for one in folder.iterdir()})

        loader.list_available_services = names
        return loader

    return listing


def _compiled_when_called(compile_builder: Compile) -> Compile:
    def later(rule: Rule, append_unknown: bool = True) -> Callable[..., Any]:
        def build(bound: Rule, **values: Any) -> Any:
            return compile_builder(rule, append_unknown)(bound, **values)

        return build

    return later
