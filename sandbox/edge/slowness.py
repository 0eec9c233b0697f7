"""AWS that answers late: which requests wait, and for how long. Pure."""

from dataclasses import dataclass

from sandbox.edge.http import HttpRequest


@dataclass(kw_only=True)
class _Rule:
    operation: str
    delay_ms: int
    left: int


class Slowness:
    """Rules in the order in which they were added; a request meets the first that fits it."""

    def __init__(self) -> None:
        self._rules: list[_Rule] = []

    def add(self, operation: str, *, delay_ms: int, times: int) -> None:
        """Let the next `times` requests whose path or X-Amz-Target has `operation` in it wait for `delay_ms` each.

        `AmazonSQS.CreateQueue`, `DynamoDB_20120810.UpdateItem`, `functions/NAME/invocations`.
        """
        self._rules.append(_Rule(operation=operation, delay_ms=delay_ms, left=times))

    def clear(self) -> None:
        """Every request is answered at once again."""
        self._rules.clear()

    def next_ms(self, request: HttpRequest) -> int:
        """How long this request waits; 0 for most."""
        if not self._rules:
            return 0
        named = f"{request.path} {request.header('X-Amz-Target') or ''}"
        rule = next((one for one in self._rules if one.operation in named), None)
        if rule is None:
            return 0
        rule.left -= 1
        if rule.left == 0:
            self._rules.remove(rule)
        return rule.delay_ms
