"""Sends messages to queues, topics and functions by their ARNs, and says when one could not be delivered."""

from collections.abc import Awaitable, Callable

from sandbox.deliveries import requests, undelivered
from sandbox.deliveries.requests import Attributes
from sandbox.deliveries.undelivered import Undelivered
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
        self,
        arn: str,
        body: str,
        attributes: Attributes,
        *,
        source: str,
        source_arn: str = "",
        access_key: str = ANYBODY,
    ) -> Undelivered | None:
        """Send it; None when it was taken, else why it was not.

        With `source_arn` the service `source` sends it for that resource, and the policy of queue or topic must let it
        in; else it is sent as the role of `access_key`.
        """
        service = arn.split(":")[2] if arn.count(":") >= 5 else ""
        caller = source if source_arn else access_key
        match service:
            case "sqs":
                request = requests.to_queue(arn, body, attributes, access_key=caller, source_arn=source_arn)
            case "sns":
                request = requests.to_topic(arn, body, attributes, access_key=caller, source_arn=source_arn)
            case "lambda":
                invocation = Invocation(function=arn, payload=body.encode(), invocation_type="Event", source=source)
                return undelivered.of_outcome(await self._invoke(invocation))
            case _:
                expected = f"expected a queue, a topic or a function, got {arn}"
                return Undelivered(code="INVALID_PARAMETER", reason=expected)
        answer = await self._send(request)
        failure = undelivered.of_answer(answer.status, (answer.body or b"").decode(errors="replace"))
        if failure is None:
            self._note(request, answer)
        return failure
