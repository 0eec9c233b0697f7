"""How many invocations may run at once, and how many may begin in a second (L-10, L-27). Pure.

Functions with reserved concurrency have that and no more; all others share what of the account's is left. Synchronous
requests are bounded in a second too: ten for each unit of concurrency (Lambda guide, "Understanding concurrency and
requests per second").
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from sandbox.definitions.model import Function
from sandbox.functions import limits


@dataclass(kw_only=True)
class _Pool:
    """What one function has reserved, or what all others share; a bucket of requests that fills with time."""

    limit: int
    active: int = 0
    tokens: float = 0.0
    filled_ms: int = 0

    @property
    def requests_per_s(self) -> int:
        return self.limit * limits.REQUESTS_PER_UNIT_AND_SECOND

    def take(self, now_ms: int) -> bool:
        gained = (now_ms - self.filled_ms) * self.requests_per_s / 1000
        self.tokens, self.filled_ms = min(float(self.requests_per_s), self.tokens + gained), now_ms
        if self.tokens < 1:
            return False
        self.tokens -= 1
        return True


@dataclass(kw_only=True)
class Concurrency:
    """The account's running invocations. Refusals are the reasons of a TooManyRequestsException."""

    account_limit: int = limits.ACCOUNT_CONCURRENCY
    _shared: _Pool = field(init=False)
    _reserved: dict[str, _Pool] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._shared = _Pool(limit=self.account_limit, tokens=self.account_limit * limits.REQUESTS_PER_UNIT_AND_SECOND)

    def apply(self, functions: Iterable[Function]) -> None:
        """Follow the deployed reservations; what runs is still counted where it began."""
        reserved = {one.name: one.reserved_concurrency for one in functions if one.reserved_concurrency is not None}
        for name in self._reserved.keys() - reserved.keys():
            self._shared.active += self._reserved.pop(name).active
        for name, limit in reserved.items():
            pool = self._reserved.get(name)
            if pool is None:
                self._reserved[name] = _Pool(limit=limit, tokens=limit * limits.REQUESTS_PER_UNIT_AND_SECOND)
            else:
                pool.limit = limit
        self._shared.limit = self.account_limit - sum(reserved.values())

    def begin(self, name: str, now_ms: int, *, synchronous: bool) -> str | None:
        """Count one more invocation of a function, or say why it is refused."""
        pool = self._reserved.get(name)
        reserved = "Reserved" if pool is not None else ""
        pool = pool or self._shared
        if pool.active >= pool.limit:
            return f"{reserved}{'Function' if reserved else ''}ConcurrentInvocationLimitExceeded"
        if synchronous and not pool.take(now_ms):
            return f"{reserved}FunctionInvocationRateLimitExceeded"
        pool.active += 1
        return None

    def end(self, name: str) -> None:
        """An invocation that began is over."""
        pool = self._reserved.get(name, self._shared)
        pool.active = max(0, pool.active - 1)
