"""Polls the queues that are event sources and invokes their functions with what comes."""

import asyncio
from collections.abc import Awaitable, Callable

from sandbox.definitions.model import Definitions, EventSource
from sandbox.event_sources import batches
from sandbox.event_sources.queue_client import OWN_KEY, QueueCallError, QueueClient
from sandbox.functions import credentials
from sandbox.functions.invocation import Invocation, Outcome
from sandbox.journal import Journal

POLL_WAIT_S = 10
AFTER_REFUSAL_S = 2.0


class EventSources:
    """One poller a mapping; a changed or removed mapping loses its poller at once."""

    def __init__(
        self, *, queues: QueueClient, journal: Journal, invoke: Callable[[Invocation], Awaitable[Outcome]]
    ) -> None:
        self._queues = queues
        self._journal = journal
        self._invoke = invoke
        self._pollers: dict[str, tuple[EventSource, asyncio.Task[None]]] = {}
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
        tasks = [task for _, task in self._pollers.values()]
        self._pollers.clear()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _poll(self, source: EventSource) -> None:
        url: str | None = None
        while True:
            try:
                url = url or await self._queues.url(source.queue_arn)
                await self._turn(source, url)
            except QueueCallError as error:
                self._journal.write("event_source.refused", {"queue": source.queue_arn, "reason": str(error)})
                url = None
                await asyncio.sleep(AFTER_REFUSAL_S)

    async def _turn(self, source: EventSource, url: str) -> None:
        """One receive and, where messages came, one invocation."""
        most = min(source.batch_size, batches.MOST_PER_RECEIVE)
        # Lambda polls as the function's role.
        access_key = self._keys.get(source.function_arn, OWN_KEY)
        messages = await self._queues.receive(url, most=most, wait_s=POLL_WAIT_S, access_key=access_key)
        if not messages:
            return
        payload = batches.event(messages, queue_arn=source.queue_arn, region=self._region)
        outcome = await self._invoke(
            Invocation(function=source.function_arn, payload=payload, source="sqs.amazonaws.com")
        )
        finished = batches.done(messages, outcome, reports_failures=source.reports_failures)
        about = {"queue": source.queue_arn, "messages": len(messages), "done": len(finished)}
        self._journal.write("event_source.batch", about)
        if finished:
            await self._queues.delete(url, [one["ReceiptHandle"] for one in finished], access_key=access_key)
