"""Polls the queues that are event sources and invokes their functions with what comes."""

import asyncio
import math
from collections.abc import Awaitable, Callable
from typing import Any

from sandbox.definitions.model import Definitions, EventSource
from sandbox.event_sources import batches
from sandbox.event_sources.queue_client import OWN_KEY, QueueCallError, QueueClient
from sandbox.functions import credentials
from sandbox.functions.invocation import Invocation, Outcome
from sandbox.journal import Journal

POLL_WAIT_S = 10
ELSEWHERE_WAIT_S = 2
"""At another backend, which may give the next message to a poll that nobody waits for any more: none is left of a
sandbox that has ended by the time that the next one is ready."""
AFTER_REFUSAL_S = 2.0
BATCHES_AT_ONCE = 5
"""With which Lambda begins; it goes up to 1,000 as messages wait (Lambda guide, "Using Lambda with Amazon SQS")."""


class EventSources:
    """One poller a mapping; a changed or removed mapping loses its poller at once."""

    def __init__(
        self,
        *,
        queues: QueueClient,
        journal: Journal,
        invoke: Callable[[Invocation], Awaitable[Outcome]],
        poll_wait_s: int = POLL_WAIT_S,
    ) -> None:
        self._queues = queues
        self._journal = journal
        self._invoke = invoke
        self._poll_wait_s = poll_wait_s
        self._pollers: dict[str, tuple[EventSource, asyncio.Task[None]]] = {}
        self._batches: set[asyncio.Task[None]] = set()
        self._region = ""
        self._keys: dict[str, str] = {}

    def apply(self, definitions: Definitions) -> None:
        """Follow the deployed mappings."""
        self._region = definitions.region
        self._keys = {one.arn: credentials.of_role(one)[0] for one in definitions.functions.values()}
        wanted = {one.mapping_id: one for one in definitions.event_sources.values() if one.enabled}
        for mapping_id in [known for known, (source, _) in self._pollers.items() if wanted.get(known) != source]:
            self._pollers.pop(mapping_id)[1].cancel()
        for mapping_id, source in wanted.items():
            if mapping_id not in self._pollers:
                self._pollers[mapping_id] = (source, asyncio.create_task(self._poll(source)))

    async def stop(self) -> None:
        """Poll nothing more; what was received and not dealt with comes again."""
        tasks = [*(task for _, task in self._pollers.values()), *self._batches]
        self._pollers.clear()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _poll(self, source: EventSource) -> None:
        url: str | None = None
        # A FIFO queue's next batch may hang on how this one ends.
        is_fifo = source.queue_arn.endswith(".fifo")
        free = asyncio.Semaphore(1 if is_fifo else min(source.maximum_concurrency or BATCHES_AT_ONCE, BATCHES_AT_ONCE))
        while True:
            try:
                url = url or await self._queues.url(source.queue_arn)
                async with free:
                    messages = await self._gather(source, url)
                if messages:
                    await free.acquire()
                    task = asyncio.create_task(self._hand_over(source, url, messages))
                    self._batches.add(task)
                    task.add_done_callback(self._batches.discard)
                    task.add_done_callback(lambda _: free.release())
            except QueueCallError as error:
                self._note_refusal(source, error)
                url = None
                await asyncio.sleep(AFTER_REFUSAL_S)

    def _note_refusal(self, source: EventSource, error: QueueCallError) -> None:
        self._journal.write("event_source.refused", {"queue": source.queue_arn, "reason": str(error)})

    async def _gather(self, source: EventSource, url: str) -> list[dict[str, Any]]:
        """A batch: what one receive has, or what comes within the window, up to the batch's size."""
        loop = asyncio.get_running_loop()
        messages: list[dict[str, Any]] = []
        until_s = None
        while True:
            most = min(source.batch_size - len(messages), batches.MOST_PER_RECEIVE)
            wait_s = self._poll_wait_s
            if until_s is not None:
                wait_s = min(wait_s, max(0, math.ceil(until_s - loop.time())))
            # Lambda polls as the function's role.
            access_key = self._keys.get(source.function_arn, OWN_KEY)
            messages += await self._queues.receive(url, most=most, wait_s=wait_s, access_key=access_key)
            if not messages or not source.window_s:
                return messages
            if until_s is None:
                until_s = loop.time() + source.window_s
            if len(messages) >= source.batch_size or loop.time() >= until_s:
                return messages

    async def _hand_over(self, source: EventSource, url: str, messages: list[dict[str, Any]]) -> None:
        """One invocation, and what is deleted after it."""
        access_key = self._keys.get(source.function_arn, OWN_KEY)
        payload = batches.event(messages, queue_arn=source.queue_arn, region=self._region)
        outcome = await self._invoke(
            Invocation(
                function=source.function_arn,
                payload=payload,
                source="sqs.amazonaws.com",
                trace_id=batches.trace_id(messages),
            )
        )
        finished = batches.done(messages, outcome, reports_failures=source.reports_failures)
        about = {"queue": source.queue_arn, "messages": len(messages), "done": len(finished)}
        self._journal.write("event_source.batch", about)
        try:
            # A request deletes ten messages at most.
            for first in range(0, len(finished), batches.MOST_PER_RECEIVE):
                part = finished[first : first + batches.MOST_PER_RECEIVE]
                await self._queues.delete(url, [one["ReceiptHandle"] for one in part], access_key=access_key)
        except QueueCallError as error:
            self._note_refusal(source, error)
