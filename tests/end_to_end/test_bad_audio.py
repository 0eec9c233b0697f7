"""Bad chunks among good ones, and chunks while paused: what may be said is said once, and nothing else is."""

import asyncio
import base64
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.client.listener import Listener
from sandbox.client.recording import BYTES_PER_MS, Recording, load
from sandbox.client.speaker import Speaker
from sandbox.report.words import compare
from sandbox.text import fold

pytestmark = pytest.mark.e2e
SAMPLES = Path(__file__).resolve().parents[2] / "audio_samples"
CHUNK_MS = 100
SILENCE = [bytes(CHUNK_MS * BYTES_PER_MS)] * 30
"""A speaker stays on air for a while after the last word."""

BAD = {
    "INVALID_AUDIO_FORMAT": ["", "not base64", base64.b64encode(bytes(3201)).decode()],
    "AUDIO_CHUNK_TOO_LARGE": [base64.b64encode(bytes(24_002)).decode()],
}
BAD_EVERY = 10
"""Chunks between two rounds of bad ones: with them the rate stays under the contract's."""


def disturbed(recording: Recording) -> Iterator[tuple[int, str]]:
    """(seq, audio) of each message of one beat: neighbours change places, earlier numbers come again with other
    audio, and every tenth beat brings each kind of bad chunk under the number that is due."""
    good = [base64.b64encode(chunk).decode() for chunk in [*recording.chunks(CHUNK_MS), *SILENCE]]
    noise = base64.b64encode(bytes(range(256)) * 12).decode()
    for beat in range(len(good)):
        seq = beat ^ 1 if beat ^ 1 < len(good) else beat
        if beat % BAD_EVERY == 0:
            yield from ((beat, audio) for audios in BAD.values() for audio in audios)
        yield seq, good[seq]
        if seq >= 4:
            yield seq - 4, noise


async def on_air(sandbox, user: str, number: int) -> tuple[Speaker, Listener, asyncio.Task]:
    speaker = await Speaker.open(
        sandbox.url, token=sandbox.token(user), language="en", local_address=f"127.0.70.{number}"
    )
    listener = await Listener.open(
        sandbox.url, session_id=speaker.session_id, language="es", local_address=f"127.0.71.{number}"
    )
    return speaker, listener, asyncio.create_task(listener.follow())


async def speak_disturbed(sandbox, recording: Recording) -> tuple[Listener, Counter[str]]:
    """What the listener heard, and the codes that the speaker was told."""
    speaker, listener, following = await on_air(sandbox, "disturbed", 1)
    told: Counter[str] = Counter()

    async def count_errors() -> None:
        async for message in speaker.connection.messages():
            if message["type"] != "sessionStatus":
                told[str(message.get("code", message["type"]))] += 1

    counting = asyncio.create_task(count_errors())
    loop = asyncio.get_running_loop()
    began, due_beat = loop.time(), -1
    for seq, audio in disturbed(recording):
        if seq > due_beat:
            due_beat = seq
            await asyncio.sleep(max(0.0, began + due_beat * CHUNK_MS / 1000 - loop.time()))
        await speaker.connection.send({"action": "sendAudio", "seq": seq, "audio": audio})
    await speaker.connection.send({"action": "speakerControl", "command": "endSession"})
    await asyncio.wait([following], timeout=10)
    await speaker.connection.close()
    await counting
    await listener.connection.close()
    return listener, told


async def speak_paused(sandbox, unheard: Recording, heard: Recording) -> Listener:
    """One recording while paused, another after it."""
    speaker, listener, following = await on_air(sandbox, "paused", 2)
    await speaker.connection.request({"action": "speakerControl", "command": "pause"}, "speakerControlAck")
    # A worker looks at the session's state four times a second.
    await speaker.stream([*SILENCE[:10], *unheard.chunks()])
    await speaker.connection.request({"action": "speakerControl", "command": "resume"}, "speakerControlAck")
    await speaker.stream([*heard.chunks(), *SILENCE])
    await speaker.end()
    await asyncio.wait([following], timeout=10)
    await listener.connection.close()
    return listener


@pytest.fixture(scope="module")
def played(sandbox_session):
    """Both sessions at once."""

    async def act():
        short, longer = load(SAMPLES / "austen-0880.wav"), load(SAMPLES / "austen-0890.wav")
        return await asyncio.gather(
            speak_disturbed(sandbox_session, short), speak_paused(sandbox_session, short, longer)
        )

    return asyncio.run(act())


def spoken(name: str) -> list[str]:
    return [word for one in load(SAMPLES / f"{name}.wav").words for word in fold(one.word)]


def test_bad_chunks_cost_no_word_and_add_none(played):
    """Out of order, sent again with other audio, empty, odd, too large, not base64."""
    listener, told = played[0]
    assert compare(spoken("austen-0880"), fold(listener.transcript.source_text())).is_whole
    # What is still on its way when the session ends is refused.
    told.pop("SESSION_NOT_FOUND", None)
    rounds = -(-(len(list(load(SAMPLES / "austen-0880.wav").chunks(CHUNK_MS))) + len(SILENCE)) // BAD_EVERY)
    assert told == {code: rounds * len(audios) for code, audios in BAD.items()} | {"speakerControlAck": 1}


def test_what_is_said_while_paused_is_not_transcribed(played):
    """Neither then nor after the resume; what comes then is."""
    assert compare(spoken("austen-0890"), fold(played[1].transcript.source_text())).is_whole
