"""botocore's clients, made whole only for what needs them.

An environment makes clients by the dozen and mostly calls hot operations, which go to the cores (`short_cut.py`). What
those need of a client says nothing of its environment: its methods' names, its service's model, its exceptions. They
are asked of one client for all; the environment's own is made when a call takes the long way, with retries and quotas
that are the environment's own.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import botocore.compat

from sandbox.sim.short_cut import ShortCut

Make = Callable[..., Any]

accepts_kwargs = lru_cache(maxsize=1_024)(botocore.compat.accepts_kwargs)
"""In the place of botocore's own, which looks again at each handler of every event for every client that is made."""

_models: dict[str, Any] = {}
"""A client for each service, endpoint and configuration; what is read of it never changes."""


class LateClients:
    """In the place of `boto3.client`, whose own way is `make`."""

    def __init__(self, make: Make, short: ShortCut) -> None:
        self._make = make
        self._short = short

    def client(self, service: str, **options: Any) -> "LateClient":
        """As `boto3.client`."""
        config = getattr(options.get("config"), "_user_provided_options", None)
        about = repr((service, {**options, "config": config}))
        if about not in _models:
            _models[about] = self._make(service, **options)
        return LateClient(_models[about], lambda: self._make(service, **options), self._short)


class LateClient:
    """What the product uses of a client."""

    def __init__(self, model: Any, make: Callable[[], Any], short: ShortCut) -> None:
        self._model = model
        self._make = make
        self._short = short
        self._whole: Any = None
        self._operations: dict[str, str] = model.meta.method_to_api_mapping
        self.meta = model.meta
        self.exceptions = model.exceptions

    def __getattr__(self, name: str) -> Any:
        operation = self._operations.get(name)
        if operation is None:
            return getattr(self.whole(), name)

        def call(**parameters: Any) -> dict[str, Any]:
            return self._short.call(self._model, operation, parameters, self.whole)

        # Found at once the next time.
        setattr(self, name, call)
        return call

    def get_paginator(self, name: str) -> Any:
        """As the client's own; its pages are calls of this one."""
        paginator = self._model.get_paginator(name)
        paginator._method = getattr(self, name)
        return paginator

    def whole(self) -> Any:
        """The environment's own client."""
        if self._whole is None:
            self._whole = self._make()
        return self._whole
