"""Whether functions have logs: Lambda writes them as their roles, and without permission there are none."""

from sandbox.definitions.model import Function
from sandbox.functions import credentials
from sandbox.permissions.guard import Guard
from sandbox.permissions.needs import needs

OPERATIONS = ("CreateLogStream", "PutLogEvents")


class LogPermissions:
    """Asks the guard once a function, so that a refusal is told once and not with each line."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        self._known: dict[str, bool] = {}

    def forget(self) -> None:
        """Policies have changed."""
        self._known = {}

    def may_log(self, function: Function) -> bool:
        """Whether a function's role lets Lambda write its log."""
        known = self._known.get(function.name)
        if known is None:
            key = credentials.of_role(function)[0]
            stream = {"logGroupName": f"/aws/lambda/{function.name}", "logStreamName": "stream"}
            wanted = [need for one in OPERATIONS for need in needs("logs", one, stream, self._guard.place)]
            known = self._known[function.name] = self._guard.check(key, wanted) is None
        return known
