"""A stream worker that is killed in the middle of a sentence: words come late, and none is lost or said twice."""

import asyncio
import os
import signal
from pathlib import Path

import pytest

from sandbox.client.listener import Listener
from sandbox.client.recording import Recording, load
from sandbox.client.speaker import Speaker
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


def test_a_killed_workers_words_come_late_and_once(sandbox_session):
    """By its process id, 3.5 s into the sentence; the queue gives its messages back after the visibility timeout."""
    recording, run = load(SAMPLES / "austen-0870.wav"), sandbox_session.begin_run()

    async def act() -> tuple[list[str], int]:
        speaker = await Speaker.open(
            sandbox_session.url, token=sandbox_session.token("frank"), language="en", local_address="127.0.40.1"
        )
        listener = await Listener.open(
            sandbox_session.url, session_id=speaker.session_id, language="es", local_address="127.0.40.2"
        )
        heard = asyncio.Event()
        following = asyncio.create_task(listener.follow(lambda *_: heard.set()))
        killed: list[int] = []

        def watch(seq: int, _size: int) -> None:
            if seq == KILLED_AT_CHUNK:
                killed.extend(stream_workers(sandbox_session, run))
                for pid in killed:
                    os.kill(pid, signal.SIGKILL)

        streaming = asyncio.create_task(speaker.stream(chunks(recording), on_chunk=watch))
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
        return fold(listener.transcript.source_text()), len(killed)

    arrived, killed = asyncio.run(act())
    assert killed == 1
    assert compare([word for one in recording.words for word in fold(one.word)], arrived).is_whole, arrived


def chunks(recording: Recording):
    """The recording, then silence as long as anybody waits: a microphone goes on when its speaker stops."""
    pcm = recording.pcm + bytes(32 * 1000 * LATE_AT_MOST_S)
    return (pcm[start : start + 3200] for start in range(0, len(pcm), 3200))
