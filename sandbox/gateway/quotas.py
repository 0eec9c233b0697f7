"""An account's quotas; API Gateway's are token buckets that its connections, messages and callbacks share. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandbox.gateway import limits

if TYPE_CHECKING:
    from sandbox.definitions.model import Route

_TOKEN = 1_000_000


@dataclass(frozen=True, kw_only=True)
class Quotas:
    """An account's quotas; AWS's own unless the account was given others."""

    connections_per_s: int = limits.CONNECTIONS_PER_S
    requests_per_s: int = limits.REQUESTS_PER_S
    request_burst: int = limits.REQUEST_BURST
    transcribe_streams: int = 25
    """Concurrent streams of Transcribe, for each of its transports (Amazon Transcribe quotas)."""
    parameter_reads_per_s: int = 40
    """Reads of the Parameter Store (AWS Systems Manager quotas, default throughput)."""


AWS_QUOTAS = Quotas()
"""Those that every account has."""

_NAMES = {
    "connections-per-second": "connections_per_s",
    "requests-per-second": "requests_per_s",
    "request-burst": "request_burst",
    "transcribe-streams": "transcribe_streams",
    "parameter-reads-per-second": "parameter_reads_per_s",
}


class QuotaError(ValueError):
    """A quota that the account cannot be given."""

    def __init__(self, given: str) -> None:
        super().__init__(f"expected a quota as NAME=NUMBER with a name of {', '.join(_NAMES)}, got {given}")


def parsed(given: Iterable[str]) -> Quotas:
    """AWS's quotas but for those given as `connections-per-second=100`. Raises QuotaError."""
    changed: dict[str, int] = {}
    for one in given:
        name, _, number = one.partition("=")
        if name not in _NAMES or not number.isascii() or not number.isdecimal():
            raise QuotaError(one)
        changed[_NAMES[name]] = int(number)
    return Quotas(**changed)


def written(quotas: Quotas) -> list[str]:
    """The inverse of `parsed`."""
    return [f"{name}={getattr(quotas, attribute)}" for name, attribute in _NAMES.items()]


class TokenBucket:
    """Holds at most `burst` tokens and gains `rate_per_s` each second; full in the beginning."""

    def __init__(self, *, rate_per_s: float, burst: int) -> None:
        # Millionths of a token, gained each millisecond: whole numbers for any rate with three digits.
        self._gain_per_ms = round(rate_per_s * 1000)
        self._full = burst * _TOKEN
        self._level = self._full
        self._at_ms: int | None = None

    def take(self, now_ms: int) -> bool:
        """Take a token; False when none is left."""
        if self._at_ms is not None and now_ms > self._at_ms:
            self._level = min(self._full, self._level + (now_ms - self._at_ms) * self._gain_per_ms)
        self._at_ms = now_ms
        if self._level < _TOKEN:
            return False
        self._level -= _TOKEN
        return True


class Throttles:
    """The account's buckets, and one for each route that its stage limits."""

    def __init__(self, quotas: Quotas) -> None:
        self._connections = TokenBucket(rate_per_s=quotas.connections_per_s, burst=quotas.connections_per_s)
        self._requests = TokenBucket(rate_per_s=quotas.requests_per_s, burst=quotas.request_burst)
        self._routes: dict[tuple[str, str, str], tuple[object, TokenBucket]] = {}

    def admits_connection(self, now_ms: int) -> bool:
        """One more new connection (WS-44)."""
        return self._connections.take(now_ms)

    def admits_callback(self, now_ms: int) -> bool:
        """One more request to `@connections` (WS-52)."""
        return self._requests.take(now_ms)

    def admits(self, api_id: str, stage: str, route: "Route", now_ms: int) -> bool:
        """One more request to a route: within its own limit, then within the account's (WS-45)."""
        if route.throttle is not None:
            key = (api_id, stage, route.route_key)
            limit, bucket = self._routes.get(key, (None, None))
            if bucket is None or limit != route.throttle:
                bucket = TokenBucket(rate_per_s=route.throttle.rate_per_s, burst=route.throttle.burst)
                self._routes[key] = (route.throttle, bucket)
            if not bucket.take(now_ms):
                return False
        return self._requests.take(now_ms)
