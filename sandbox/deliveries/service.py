"""Sends messages to queues, topics and functions by their ARNs, and says when one could not be delivered."""

from collections.abc import Awaitable, Callable

from sandbox.deliveries import requests
from sandbox.deliveries.requests import Attributes
from sandbox.edge.http import HttpRequest, HttpResponse, Route
from sandbox.functions.invocation import Invocation, Outcome

ANYBODY = "AKIDDELIVERY"
"""A caller that no role's policy concerns."""


class Deliveries:
    """`send` is the way of requests to queues and topics, `note` is told of each that was answered."""

    def __init__(
        self,
        *,
        send: Route,
        invoke: Callable[[Invocation], Awaitable[Outcome]],
        note: Callable[[HttpRequest, HttpResponse], None],
    ) -> None:
        self._send = send
        self._invoke = invoke
        self._note = note

    async def deliver(
        self, arn: str, body: str, attributes: Attributes, *, source: str, access_key: str = ANYBODY
    ) -> str | None:
        """Send it, as the role of this key; None when it was taken, else why it was not."""
        service = arn.split(":")[2] if arn.count(":") >= 5 else ""
        match service:
            case "sqs":
                request = requests.to_queue(arn, body, attributes, access_key=access_key)
            case "sns":
                request = requests.to_topic(arn, body, attributes, access_key=access_key)
            case "lambda":
                invocation = Invocation(function=arn, payload=body.encode(), invocation_type="Event", source=source)
                outcome = await self._invoke(invocation)
                return None if outcome.status == 202 else outcome.error_type
            case _:
                return f"expected a queue, a topic or a function, got {arn}"
        answer = await self._send(request)
        if answer.status != 200:
            return (answer.body or b"").decode(errors="replace")[:200]
        self._note(request, answer)
        return None
