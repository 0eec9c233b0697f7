"""A speaker's commands and statuses, and the limits of joining, through the running system."""

import asyncio

import pytest

from sandbox.client.connection import Connection, url_with
from sandbox.client.listener import Listener
from sandbox.client.speaker import Speaker

from .hall import hall

pytestmark = pytest.mark.e2e
STATUS_WITHIN_S = 30
"""The contract: changes are gathered, and a minute has two periodic statuses; a busy machine takes its time."""


def test_every_command_is_acknowledged_and_told_to_the_listener(sandbox_session):
    """With the broadcast's state as it is then, which the session keeps."""
    steps: list[tuple[dict, str, dict]] = [
        ({"command": "pause"}, "broadcastPaused", {"isPaused": True, "isMuted": False, "volume": 1.0}),
        ({"command": "mute"}, "broadcastMuted", {"isPaused": True, "isMuted": True, "volume": 1.0}),
        ({"command": "setVolume", "volume": 0.5}, "volumeChanged", {"isPaused": True, "isMuted": True, "volume": 0.5}),
        ({"command": "resume"}, "broadcastResumed", {"isPaused": False, "isMuted": True, "volume": 0.5}),
        ({"command": "unmute"}, "broadcastUnmuted", {"isPaused": False, "isMuted": False, "volume": 0.5}),
    ]

    async def act() -> tuple[list[dict], list[tuple[str, dict]], dict]:
        async with hall(sandbox_session, user="commander", network=71) as opened:
            connection = opened.speaker.connection
            answers = [
                await connection.request({"action": "speakerControl", **fields}, "speakerControlAck")
                for fields, _, _ in steps
            ]
            await connection.send({"action": "sessionStatus"})
            status = await status_because(opened.speaker, "requested")
            told = [await opened.told(kind) for _, kind, _ in steps]
            return answers, [(one["type"], one["broadcastState"]) for one in told], status

    answers, told, status = asyncio.run(act())
    assert [(one["command"], one["broadcastState"]) for one in answers] == [
        (fields["command"], state) for fields, _, state in steps
    ]
    assert told == [(kind, state) for _, kind, state in steps]
    assert status["broadcastState"] == steps[-1][2]


def test_a_speaker_is_told_of_a_new_language_of_more_listeners_and_now_and_then(sandbox_session):
    """Unasked, each for its reason, with counts and languages as they are; a periodic one may be first to tell them."""

    async def act() -> list[dict]:
        url, told = sandbox_session.url, []
        speaker = await Speaker.open(
            url, token=sandbox_session.token("counting"), language="en", local_address="127.0.72.1"
        )
        listeners = []
        for number, (language, reason) in enumerate(
            [("es", "newLanguage"), ("es", "listenerCountChange"), ("fr", "newLanguage")]
        ):
            listeners.append(
                await Listener.open(
                    url, session_id=speaker.session_id, language=language, local_address=f"127.0.72.{number + 2}"
                )
            )
            told.append(await status_of(speaker, number + 1, reason))
        await asyncio.to_thread(sandbox_session.advance_clock, 60_000)
        told.append(await status_because(speaker, "periodic"))
        await speaker.end()
        for listener in listeners:
            await listener.connection.close()
        return told

    told = asyncio.run(act())
    assert [(one["listenerCount"], one["languageDistribution"]) for one in told] == [
        (1, {"es": 1}), (2, {"es": 2}), (3, {"es": 2, "fr": 1}), (3, {"es": 2, "fr": 1}),
    ]  # fmt: skip


async def status_of(speaker: Speaker, listeners: int, reason: str) -> dict:
    async with asyncio.timeout(STATUS_WITHIN_S):
        while True:
            status = await speaker.connection.expect("sessionStatus", within_s=STATUS_WITHIN_S)
            if status["listenerCount"] == listeners:
                assert status["updateReason"] in (reason, "periodic")
                return status


async def status_because(speaker: Speaker, reason: str) -> dict:
    async with asyncio.timeout(STATUS_WITHIN_S):
        while True:
            status = await speaker.connection.expect("sessionStatus", within_s=STATUS_WITHIN_S)
            if status["updateReason"] == reason:
                return status


def test_an_address_that_joins_too_often_is_refused_and_not_counted(sandbox_session):
    """Ten a minute and a spare; whoever is in stays in."""

    async def act() -> tuple[list[str], int]:
        url = sandbox_session.url
        speaker = await Speaker.open(
            url, token=sandbox_session.token("crowded"), language="en", local_address="127.0.73.1"
        )
        join = {"sessionId": speaker.session_id, "targetLanguage": "es"}
        answers, connections = [], []
        for _ in range(12):
            connection = await Connection.open(url_with(url, join), local_address="127.0.73.2")
            answer = await connection.request({"action": "joinSession", **join}, "sessionJoined")
            answers.append(str(answer.get("code", answer["type"])))
            connections.append(connection)
        await speaker.connection.send({"action": "sessionStatus"})
        status = await status_because(speaker, "requested")
        await speaker.end()
        for connection in connections:
            await connection.close()
        return answers, status["listenerCount"]

    answers, count = asyncio.run(act())
    assert answers == ["sessionJoined"] * 11 + ["RATE_LIMIT_EXCEEDED"]
    assert count == 11
