"""What the gateway tells functions of connections, with what may go wrong there; and of whose end none has heard."""

import asyncio
import json
from collections.abc import Awaitable, Callable

from sandbox.functions.invocation import Invocation, Outcome
from sandbox.sim.trouble import Trouble


class ConnectionEvents:
    """The gateway's invocations. `unreported`: connections of whose end no function has heard, or lived to note it."""

    def __init__(self, *, invoke: Callable[[Invocation], Awaitable[Outcome]], trouble: Trouble) -> None:
        self._invoke = invoke
        self._trouble = trouble
        self.unreported: set[str] = set()

    async def invoke(self, invocation: Invocation) -> Outcome:
        """Run the function of a route. API Gateway tells of an end once at best, and whatever becomes of the function
        that is told; of a connection that it has refused it tells nobody, though it may have been written down."""
        is_end = b'"eventType":"DISCONNECT"' in invocation.payload
        if is_end and self._trouble.happens("disconnect_lost"):
            self._note_unreported(invocation)
            return Outcome(status=200, payload=b"{}")
        outcomes: list[Outcome] = []
        if is_end and self._trouble.happens("disconnect_duplicated"):
            outcomes += await asyncio.gather(self._invoke(invocation), self._invoke(invocation))
        outcomes.append(await self._invoke(invocation))
        is_begin = b'"eventType":"CONNECT"' in invocation.payload
        if (is_begin or is_end) and all(one.function_error is not None for one in outcomes):
            self._note_unreported(invocation)
        return outcomes[-1]

    def _note_unreported(self, invocation: Invocation) -> None:
        self.unreported.add(json.loads(invocation.payload)["requestContext"]["connectionId"])
