"""How long things take in a simulation. Every draw comes from the seed; a model without spread is exact."""

import itertools
import random
from dataclasses import dataclass

from sandbox.sim.scheduler import US_PER_MS

SPREAD = ((0, 60), (500, 100), (900, 170), (990, 400), (1_000, 1_200))
"""Percent of the median at quantiles in thousandths: the shape of a service's latency, long on the right."""


_PLACES = [
    (low_percent * (high - place) + high_percent * (place - low), 100 * (high - low))
    for (low, low_percent), (high, high_percent) in itertools.pairwise(SPREAD)
    for place in range(low, high)
]
"""What a median is multiplied with and divided by at each thousandth."""


@dataclass(frozen=True, kw_only=True)
class LatencyModel:
    """Medians in milliseconds, of a call from its sending to its answer; `exact` takes each at its median."""

    dynamodb: int = 5
    sqs: int = 9
    ssm: int = 8
    lambda_: int = 14
    translate: int = 90
    polly: int = 120
    callback: int = 14
    key_set: int = 40
    other: int = 20
    transcribe_open: int = 180
    transcribe_way: int = 12
    client_way: int = 25
    cold_start: int = 420
    exact: bool = False

    def draw_us(self, median_ms: int, chance: random.Random) -> int:
        """One latency, in microseconds."""
        if self.exact:
            return median_ms * US_PER_MS
        times, among = _PLACES[chance.randrange(1_000)]
        return median_ms * US_PER_MS * times // among + chance.randrange(US_PER_MS)

    def draw_there_us(self, latency_us: int, chance: random.Random) -> int:
        """How much of a call's latency passes before its effect: around half."""
        return latency_us // 2 if self.exact else latency_us * (30 + chance.randrange(41)) // 100

    def of_service(self, service: str) -> int:
        """The median of an AWS service's calls."""
        median: int = getattr(self, _OF_SERVICE.get(service, "other"))
        return median


_OF_SERVICE = {
    "dynamodb": "dynamodb",
    "sqs": "sqs",
    "ssm": "ssm",
    "lambda": "lambda_",
    "translate": "translate",
    "polly": "polly",
    "execute-api": "callback",
    "cognito-idp": "key_set",
}
"""The field of each service."""

EXACT = LatencyModel(exact=True)
