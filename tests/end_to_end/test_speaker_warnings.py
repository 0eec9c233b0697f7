"""What a speaker is told of its own audio, through the running system."""

import asyncio
import time
from itertools import pairwise

import numpy as np
import pytest

from sandbox.client.connection import ClosedError
from sandbox.client.recording import load_pcm
from sandbox.client.speaker import Speaker
from sandbox.live.settings import PROJECT

pytestmark = pytest.mark.e2e

RECORDING = PROJECT / "audio_samples" / "austen-0870.wav"


def chunks(pcm: bytes, chunk_ms: int) -> list[bytes]:
    step = 32 * chunk_ms
    return [pcm[at : at + step] for at in range(0, len(pcm) - step, step)]


async def speak(sandbox, *, user: str, address: str, audio: list[bytes]) -> tuple[list[tuple[float, dict]], bool]:
    """Say it in real time; returns what came, and when, and whether the connection was closed before the end."""
    speaker = await Speaker.open(sandbox.url, token=sandbox.token(user), language="en", local_address=address)
    came: list[tuple[float, dict]] = []

    async def read() -> None:
        async for message in speaker.connection.messages():
            came.append((time.monotonic(), message))

    reading = asyncio.create_task(read())
    try:
        await speaker.stream(audio)
    except ClosedError:
        await reading
        return came, True
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)
    await speaker.end()
    return came, False


def test_a_speaker_of_66_chunks_a_second_is_warned_at_most_once_a_second_and_closed_in_the_end(sandbox_session):
    """Each of some environments saw a part of them. 5 s by the chunks' own times; a busy machine is late to count."""
    audio = chunks(load_pcm(RECORDING) * 4, 15)
    came, closed = asyncio.run(speak(sandbox_session, user="hasty", address="127.0.31.1", audio=audio))
    warned_s = [at_s for at_s, message in came if message["type"] == "rateLimitWarning"]
    assert len(warned_s) >= 4
    # A second as the worker counts it; on their way the warnings may come a little closer together.
    assert min(later - sooner for sooner, later in pairwise(warned_s)) > 0.8
    refused = [message["code"] for _, message in came if message["type"] == "error"]
    assert set(refused) <= {"RATE_LIMIT_EXCEEDED"}
    assert closed


def test_a_speaker_whose_microphone_is_too_loud_is_told_of_the_clipping_and_of_nothing_else(sandbox_session):
    loud = np.frombuffer(load_pcm(RECORDING), dtype="<i2").astype(float) * 20
    pcm = np.clip(loud, -32_768, 32_767).astype("<i2").tobytes()
    came, closed = asyncio.run(
        speak(sandbox_session, user="loud", address="127.0.31.2", audio=chunks(pcm + pcm[:96_000], 100))
    )
    warnings = [message for _, message in came if message["type"] != "sessionStatus"]
    assert [(one["type"], one["issue"]) for one in warnings] == [("audioQualityWarning", "clipping")]
    assert not closed
    assert warnings[0]["details"]["clippingPercent"] > 5
