"""A stream worker that is killed, a stream that breaks: words come late, and none is lost or said twice."""

import asyncio
import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from sandbox.client.listener import Listener
from sandbox.client.recording import Recording, load
from sandbox.client.speaker import Speaker
from sandbox.live.client import AdminError, ask
from sandbox.report.words import compare
from sandbox.text import fold

pytestmark = pytest.mark.e2e
SAMPLES = Path(__file__).resolve().parents[2] / "audio_samples"
KILLED_AT_CHUNK = 35
LATE_AT_MOST_S = 45


def stream_workers(sandbox, run: Path) -> list[int]:
    """The process ids of the environments that serve an asynchronous invocation of the audio processor."""
    requests = {
        event["requestId"]
        for event in sandbox.events(run)
        if event["kind"] == "lambda.invoke"
        and (event["function"], event["type"]) == ("audio-processor-staging", "Event")
    }
    return [one["pid"] for one in sandbox.status()["environments"] if one["requestId"] in requests]


async def broadcast(sandbox, recording: Recording, network: int, on_chunk: Callable[[int, int], None]) -> list[str]:
    """A speaker and a listener until every word has come; the words. `network` gives both an address of their own."""
    speaker = await Speaker.open(
        sandbox.url, token=sandbox.token(f"frank-{network}"), language="en", local_address=f"127.0.{network}.1"
    )
    listener = await Listener.open(
        sandbox.url, session_id=speaker.session_id, language="es", local_address=f"127.0.{network}.2"
    )
    heard = asyncio.Event()
    following = asyncio.create_task(listener.follow(lambda *_: heard.set()))
    streaming = asyncio.create_task(speaker.stream(chunks(recording), on_chunk=on_chunk))
    expected = sum(len(fold(word.word)) for word in recording.words)
    async with asyncio.timeout(LATE_AT_MOST_S):
        while len(fold(listener.transcript.source_text())) < expected:
            heard.clear()
            await heard.wait()
    streaming.cancel()
    await asyncio.gather(streaming, return_exceptions=True)
    await speaker.end()
    await asyncio.wait([following], timeout=5)
    await listener.connection.close()
    return fold(listener.transcript.source_text())


def said_in(recording: Recording) -> list[str]:
    return [word for one in recording.words for word in fold(one.word)]


def test_a_killed_workers_words_come_late_and_once(sandbox_session):
    """By its process id, 3.5 s into the sentence; the queue gives its messages back after the visibility timeout."""
    recording, run = load(SAMPLES / "austen-0870.wav"), sandbox_session.begin_run()
    killed: list[int] = []

    def watch(seq: int, _size: int) -> None:
        if seq == KILLED_AT_CHUNK:
            killed.extend(stream_workers(sandbox_session, run))
            for pid in killed:
                os.kill(pid, signal.SIGKILL)

    arrived = asyncio.run(broadcast(sandbox_session, recording, 40, watch))
    assert len(killed) == 1
    assert compare(said_in(recording), arrived).is_whole, arrived


@pytest.mark.parametrize(
    ("fault", "network"),
    [("exception=InternalFailureException@2000", 41), ("reset@2000", 42)],
    ids=["exception", "reset"],
)
def test_a_stream_that_breaks_in_mid_sentence_costs_no_word(sandbox_session, fault, network):
    """As Transcribe breaks it: an exception in the stream, or a connection that is gone."""
    recording, run = load(SAMPLES / "austen-0870.wav"), sandbox_session.begin_run()
    ask(sandbox_session.state, "POST", "faults", {"service": "transcribe", "code": fault})
    arrived = asyncio.run(broadcast(sandbox_session, recording, network, lambda *_: None))
    assert compare(said_in(recording), arrived).is_whole, arrived
    assert len([one for one in sandbox_session.events(run) if one["kind"] == "transcribe.stream_opened"]) >= 2


def test_a_fault_that_no_stream_can_have_is_refused(sandbox_session):
    """One line with how faults are written."""
    with pytest.raises(AdminError, match="expected a fault as KIND"):
        ask(sandbox_session.state, "POST", "faults", {"service": "transcribe", "code": "nonsense"})


def chunks(recording: Recording):
    """The recording, then silence as long as anybody waits: a microphone goes on when its speaker stops."""
    pcm = recording.pcm + bytes(32 * 1000 * LATE_AT_MOST_S)
    return (pcm[start : start + 3200] for start in range(0, len(pcm), 3200))
