"""Follows the control plane's definitions, so that a change takes effect whoever made it."""

import asyncio
import contextlib
import json
import traceback
import urllib.error
import urllib.request
from collections.abc import Callable

from sandbox.definitions.model import Definitions, from_json

WAIT_MS = 5_000
"""How long one request waits for a change at the control plane."""
UNANSWERED = (urllib.error.URLError, ConnectionError, TimeoutError, ValueError)


def fetch(control_plane_url: str, *, after: int, wait_ms: int) -> Definitions:
    """The definitions once their revision is past `after`, or as they are when `wait_ms` has passed. Blocks."""
    url = f"{control_plane_url}/_sandbox/definitions?after={after}&wait_ms={wait_ms}"
    with urllib.request.urlopen(url, timeout=wait_ms / 1000 + 10) as answer:  # noqa: S310 - our own control plane
        return from_json(json.load(answer))


class DefinitionsFeed:
    """Calls `apply` with each new revision until stopped. What that raises is told to `say`, and the next revision
    is followed as ever."""

    def __init__(
        self, control_plane_url: str, apply: Callable[[Definitions], None], say: Callable[[str], None]
    ) -> None:
        self._url = control_plane_url
        self._apply = apply
        self._say = say
        self._task: asyncio.Task[None] | None = None
        self.current: Definitions | None = None

    async def refresh(self) -> Definitions:
        """Read the definitions now, without waiting for a change, and apply them."""
        return self._take(await asyncio.to_thread(fetch, self._url, after=-1, wait_ms=0))

    async def catch_up(self) -> None:
        """As what is followed in the background, but now. A control plane that does not answer is followed on."""
        with contextlib.suppress(*UNANSWERED):
            self._take_telling(await asyncio.to_thread(fetch, self._url, after=-1, wait_ms=0))

    def start(self) -> None:
        """Follow changes in the background."""
        self._task = asyncio.create_task(self._follow())

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def _take(self, definitions: Definitions) -> Definitions:
        if self.current is None or definitions.revision > self.current.revision:
            self.current = definitions
            self._apply(definitions)
        return definitions

    async def _follow(self) -> None:
        while True:
            after = self.current.revision if self.current else -1
            try:
                definitions = await asyncio.to_thread(fetch, self._url, after=after, wait_ms=WAIT_MS)
            except UNANSWERED:
                await asyncio.sleep(0.5)
                continue
            self._take_telling(definitions)

    def _take_telling(self, definitions: Definitions) -> None:
        try:
            self._take(definitions)
        except Exception as error:
            traceback.print_exc()
            self._say(
                f"expected to run what was deployed, got {type(error).__name__}: {error}: what ran before goes on "
                "where it can; deploy something else"
            )
