"""Services that fail for a while, one by one: what was accepted is heard once, and what was not is told."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from sandbox.client.listener import Listener
from sandbox.client.recording import BYTES_PER_MS, load
from sandbox.client.speaker import Speaker
from sandbox.live.client import ask
from sandbox.report.words import compare
from sandbox.text import fold

pytestmark = pytest.mark.e2e
RECORDING = load(Path(__file__).resolve().parents[2] / "audio_samples" / "austen-0870.wav")
EXPECTED = [part for word in RECORDING.words for part in fold(word.word)]
CHUNK = 100 * BYTES_PER_MS
FAILS_AT_CHUNK = 20
SILENT_CHUNKS = 15
HEARD_WITHIN_S = 30


@pytest.fixture(autouse=True)
def everything_answers_again(sandbox_session):
    yield
    ask(sandbox_session.state, "POST", "faults", {"clear": True})


class Hall:
    """A speaker and a listener, with what the speaker is told and what the listener has heard."""

    def __init__(self, speaker: Speaker, listener: Listener, sandbox) -> None:
        self.speaker, self.listener, self._sandbox = speaker, listener, sandbox
        self._came = asyncio.Event()
        self.following = asyncio.create_task(listener.follow(lambda *_: self._came.set()))

    async def order(self, **fault) -> None:
        await asyncio.to_thread(ask, self._sandbox.state, "POST", "faults", fault)

    async def speak(self, **fault) -> None:
        """The recording and some silence; after its second second a service fails."""
        pcm = RECORDING.pcm + bytes(SILENT_CHUNKS * CHUNK)
        pieces = [pcm[start : start + CHUNK] for start in range(0, len(pcm), CHUNK)]
        await self.speaker.stream(pieces[:FAILS_AT_CHUNK])
        if fault:
            await self.order(**fault)
        await self.speaker.stream(pieces[FAILS_AT_CHUNK:])

    async def everything_heard(self) -> None:
        """Wait until as many words as were spoken have come; they must be those, each once."""
        async with asyncio.timeout(HEARD_WITHIN_S):
            while len(fold(self.listener.transcript.source_text())) < len(EXPECTED):
                self._came.clear()
                await self._came.wait()
        found = compare(EXPECTED, fold(self.listener.transcript.source_text()))
        assert (found.omitted, found.duplicated, found.wrong) == (0, 0, 0)

    async def lambdas_next_try(self) -> None:
        """An asynchronous event that failed is tried again after a minute, which the sandbox's clock makes short."""
        await asyncio.to_thread(ask, self._sandbox.state, "POST", "clock", {"advanceMs": 61_000})


@asynccontextmanager
async def hall(sandbox, *, user: str, network: int) -> AsyncIterator[Hall]:
    """Open it, and in the end nothing of it is left."""
    host = f"127.0.{network}."
    speaker = await Speaker.open(sandbox.url, token=sandbox.token(user), language="en", local_address=f"{host}1")
    listener = await Listener.open(sandbox.url, session_id=speaker.session_id, language="es", local_address=f"{host}2")
    opened = Hall(speaker, listener, sandbox)
    try:
        yield opened
    finally:
        await opened.order(clear=True)
        await speaker.end()
        await asyncio.wait([opened.following], timeout=10)


@pytest.mark.parametrize(
    ("network", "fault"),
    [
        (60, {"service": "ssm", "code": "ThrottlingException", "forMs": 60_000}),
        (61, {"service": "lambda", "code": "TooManyRequestsException", "forMs": 3_000}),
        (62, {"service": "dynamodb", "code": "ProvisionedThroughputExceededException", "times": 20}),
        (63, {"service": "sqs", "code": "InternalFailure", "forMs": 2_000, "operation": "ReceiveMessage"}),
    ],
    ids=lambda value: value["service"] if isinstance(value, dict) else "",
)
def test_what_was_accepted_is_heard_once_though_a_service_failed_in_the_middle(sandbox_session, network, fault):
    """Throttled or down for seconds: tried again, and neither lost nor said twice."""

    async def act() -> None:
        async with hall(sandbox_session, user=f"degraded-{network}", network=network) as opened:
            await opened.speak(**fault)
            try:
                await opened.everything_heard()
            except TimeoutError:
                await opened.lambdas_next_try()
                await opened.everything_heard()

    asyncio.run(act())


def test_a_chunk_that_is_not_taken_is_named_and_sent_again(sandbox_session):
    """The queue does not answer: each chunk's speaker is told which one it was, and what it sends again is heard."""

    async def act() -> None:
        async with hall(sandbox_session, user="resending", network=64) as opened:
            await opened.order(service="sqs", code="ServiceUnavailable", forMs=120_000, operation="SendMessage")
            await opened.speaker.stream([bytes(CHUNK)] * 2)
            for _ in range(2):
                refused = await opened.speaker.connection.expect("error", within_s=30)
                assert refused["code"] == "SERVICE_UNAVAILABLE"
                assert refused["details"]["seq"] in (0, 1)
            await opened.order(clear=True)
            opened.speaker.next_seq = 0
            await opened.speak()
            await opened.everything_heard()

    asyncio.run(act())


def test_a_command_that_could_not_be_carried_out_is_refused_and_works_when_it_is_tried_again(sandbox_session):
    """The contract's SERVICE_UNAVAILABLE, after bounded tries, and the broadcast's state as it was."""

    async def act() -> tuple[dict, dict]:
        async with hall(sandbox_session, user="commanding", network=65) as opened:
            await opened.order(service="dynamodb", code="InternalServerError", forMs=120_000)
            connection = opened.speaker.connection
            mute = {"action": "speakerControl", "command": "mute"}
            refused = await connection.request(mute, "speakerControlAck", within_s=30)
            await opened.order(clear=True)
            return refused, await connection.request({"action": "sessionStatus"}, "sessionStatus")

    refused, status = asyncio.run(act())
    assert (refused["type"], refused["code"]) == ("error", "SERVICE_UNAVAILABLE")
    assert status["broadcastState"] == {"isPaused": False, "isMuted": False, "volume": 1.0}
