"""A service's Regions, looked up in botocore's files only for another than the sandbox's own.

moto reads all endpoints of all partitions, and a description of each service, before the first request: a tenth of a
second for each to find out that the service is where it was asked for.
"""

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any, overload

from moto.core.base_backend import AccountSpecificBackend


class Regions(Sequence[str]):
    """The names that `known` gives, and `more`. `home` is one of them, and found without asking."""

    def __init__(self, home: str, more: Sequence[str], known: Callable[[], Sequence[str]]) -> None:
        self._home = home
        self._more = tuple(more)
        self._known = known

    def __contains__(self, name: object) -> bool:
        return name == self._home or name in self._more or name in self._all

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[str]: ...
    def __getitem__(self, index: int | slice) -> str | Sequence[str]:
        return self._all[index]

    def __len__(self) -> int:
        return len(self._all)

    @cached_property
    def _all(self) -> tuple[str, ...]:
        return (*self._known(), *self._more)


def install(home: str) -> None:
    """Have moto's backends begin so."""
    begin = AccountSpecificBackend.__init__

    def lazily(made: AccountSpecificBackend[Any], /, *, use_boto3_regions: bool, **named: Any) -> None:
        begin(made, use_boto3_regions=False, **named)
        if use_boto3_regions:
            made.regions = Regions(home, made.regions, lambda: made._generate_regions(made.service_name))

    AccountSpecificBackend.__init__ = lazily
