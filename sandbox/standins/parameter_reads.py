"""How often the Parameter Store may be read. Pure.

P-05. Source: AWS Systems Manager quotas: 40 transactions a second by default, which all ways to read share; beyond them
`ThrottlingException`. That a second's reads may come at once is assumed (?).
"""

from sandbox.standins.faults import Quota, TokenBucket

OPERATIONS = frozenset(["GetParameter", "GetParameters", "GetParametersByPath"])
CODE, TEXT = "ThrottlingException", "Rate exceeded"


class ParameterReads:
    """The reads of one account and Region."""

    def __init__(self, per_s: int) -> None:
        self._bucket = TokenBucket(Quota(per_s=per_s, burst=per_s))

    def throttles(self, operation: str, now_ms: int) -> bool:
        """Whether one more call is one too many."""
        return operation in OPERATIONS and not self._bucket.take(now_ms)
