"""Heartbeats, refreshes, controls, limits and absences, through the gateway, on the sandbox's clock."""

import asyncio
import functools
import itertools
from typing import Any

import boto3
import pytest

from sandbox.client.connection import ClosedError, Connection, RefusedError, url_with
from sandbox.client.listener import Listener
from sandbox.client.speaker import Speaker
from sandbox.testing import running

pytestmark = [pytest.mark.e2e, pytest.mark.own_sandbox]

MINUTE_MS = 60_000
DISMISSED_WITHIN_S = 45
"""Minutes that go by at once end a session's stream worker. The next one waits 20 s for what the other may have
received before it says that the last words are out; listeners stay 4 s longer, and are looked at every 5 s."""
DISCONNECTED = "DisconnectHandler-staging"
_addresses = itertools.count(1)


def address() -> str:
    """Each client comes from an address of its own, so that the limits stay on."""
    return f"127.0.50.{next(_addresses)}"


class House:
    """A running sandbox and the clients that a test has opened, which are closed when it ends."""

    def __init__(self, sandbox):
        self.sandbox = sandbox
        self.opened: list[Connection] = []

    async def speak(self, user: str) -> Speaker:
        token = self.sandbox.token(user)
        speaker = await Speaker.open(self.sandbox.url, token=token, language="en", local_address=address())
        self.opened.append(speaker.connection)
        return speaker

    async def listen(self, speaker: Speaker, language: str = "es") -> Listener:
        listener = await Listener.open(
            self.sandbox.url, session_id=speaker.session_id, language=language, local_address=address()
        )
        self.opened.append(listener.connection)
        return listener

    async def connect(self, **query: str) -> Connection:
        connection = await Connection.open(url_with(self.sandbox.url, query), local_address=address())
        self.opened.append(connection)
        return connection

    async def leave(self) -> None:
        for connection in self.opened:
            await connection.close()
        self.opened.clear()


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """One of this file's own, since it moves the clock."""
    with running(tmp_path_factory.mktemp("two-hours")) as own:
        yield House(own)


def on_a_loop(test):
    """Run an asynchronous test to its end."""

    @functools.wraps(test)
    def run(house):
        async def whole():
            try:
                await test(house)
            finally:
                await house.leave()

        asyncio.run(whole())

    return run


def session_item(sandbox, session_id: str) -> dict[str, Any]:
    dynamodb = boto3.client(
        "dynamodb", endpoint_url=sandbox.state.endpointUrl, region_name="us-east-1", aws_access_key_id="x",
        aws_secret_access_key="x",
    )  # fmt: skip
    try:
        found: dict[str, Any] = dynamodb.get_item(
            TableName="Sessions-staging", Key={"sessionId": {"S": session_id}}
        ).get("Item", {})
        return found
    finally:
        dynamodb.close()


async def control(client, **message) -> dict[str, Any]:
    answer: dict[str, Any] = await client.connection.request(
        {"action": "listenerControl", **message}, "listenerControlAck"
    )
    return answer


async def told_of(speaker, languages: dict[str, int]) -> None:
    """Wait until the speaker is told of these: by the change, or by the minute's status, which may come just then."""
    told: dict[str, int] | None = None
    while told != languages:
        status = await speaker.connection.expect("sessionStatus", within_s=15)
        assert status["updateReason"] in ("newLanguage", "periodic")
        told = status["languageDistribution"]


@on_a_loop
async def test_a_listener_pauses_resumes_and_changes_its_language(house):
    """Each is acknowledged; the speaker is told of the new language."""
    speaker = await house.speak("grace")
    listener = await house.listen(speaker)
    await told_of(speaker, {"es": 1})
    assert await control(listener, command="pause") == {
        "type": "listenerControlAck", "command": "pause", "isPaused": True
    }  # fmt: skip
    assert (await control(listener, command="resume"))["isPaused"] is False
    changed = await control(listener, command="changeLanguage", targetLanguage="fr")
    assert changed["targetLanguage"] == "fr"
    await told_of(speaker, {"fr": 1})
    await speaker.end()


@on_a_loop
async def test_heartbeats_are_answered_and_limited(house):
    """Two a minute and one spare; what is over is refused by code."""
    speaker = await house.speak("heidi")
    answers = [await speaker.connection.request({"action": "heartbeat"}, "heartbeatAck") for _ in range(4)]
    assert [one["type"] for one in answers] == ["heartbeatAck"] * 3 + ["error"]
    assert answers[3]["code"] == "RATE_LIMIT_EXCEEDED"
    await speaker.end()


@on_a_loop
async def test_an_address_that_connects_too_often_gets_429(house):
    """Twenty attempts a minute and one spare; another address is not concerned."""
    own, statuses = address(), []
    url = url_with(house.sandbox.url, {"sessionId": "golden-eagle-427", "targetLanguage": "es"})
    for _ in range(22):
        with pytest.raises(RefusedError) as refused:
            await Connection.open(url, local_address=own)
        statuses.append(refused.value.status)
    assert statuses == [404] * 21 + [429]
    with pytest.raises(RefusedError) as refused:
        await Connection.open(url, local_address=address())
    assert refused.value.status == 404


@on_a_loop
async def test_a_speaker_who_comes_back_in_time_keeps_the_session_and_its_state(house):
    """The refresh on the new connection takes the session over; the old connection may not speak any more."""
    speaker = await house.speak("ivan")
    listener = await house.listen(speaker)
    await speaker.connection.request({"action": "speakerControl", "command": "mute"}, "speakerControlAck")
    await speaker.connection.close()
    back = await house.connect(token=house.sandbox.token("ivan"))
    done = await back.request({"action": "refresh", "sessionId": speaker.session_id}, "connectionRefreshComplete")
    assert (done["type"], done["nextSeq"]) == ("connectionRefreshComplete", 0)
    assert done["broadcastState"] == {"isPaused": False, "isMuted": True, "volume": 1}
    other = await house.connect(token=house.sandbox.token("mallory"))
    refused = await other.request({"action": "refresh", "sessionId": speaker.session_id}, "connectionRefreshComplete")
    assert refused["code"] == "UNAUTHORIZED_ACTION"
    status = await back.request({"action": "sessionStatus"}, "sessionStatus")
    assert status["listenerCount"] == 1
    await back.request({"action": "speakerControl", "command": "endSession"}, "speakerControlAck")
    assert (await listener.connection.expect("sessionEnded"))["reason"] == "endedBySpeaker"
    await back.close()
    await other.close()


async def grow_old(house, minutes: int, *connections: Connection) -> None:
    """Let minutes pass, with a heartbeat every nine: API Gateway ends connections that are idle for ten."""
    for _ in range(minutes // 9):
        house.sandbox.advance_clock(9 * MINUTE_MS)
        for connection in connections:
            await connection.request({"action": "heartbeat"}, "heartbeatAck")


@on_a_loop
async def test_a_session_outlives_the_two_hours_of_its_connections(house):
    """At 100 minutes a refresh is asked for, at 105 it is warned; both refresh; the old connections end at 120."""
    speaker = await house.speak("judy")
    listener = await house.listen(speaker)
    await grow_old(house, 99, speaker.connection, listener.connection)
    house.sandbox.advance_clock(MINUTE_MS)
    await speaker.connection.request({"action": "heartbeat"}, "heartbeatAck")
    await speaker.connection.expect("connectionRefreshRequired")
    house.sandbox.advance_clock(5 * MINUTE_MS)
    await listener.connection.request({"action": "heartbeat"}, "heartbeatAck")
    warning = await listener.connection.expect("connectionWarning")
    assert 890 <= warning["remainingSeconds"] <= 900
    before = session_item(house.sandbox, speaker.session_id)
    new_speaker = await house.connect(token=house.sandbox.token("judy"))
    await new_speaker.request({"action": "refresh", "sessionId": speaker.session_id}, "connectionRefreshComplete")
    fields = {"sessionId": speaker.session_id, "targetLanguage": "es"}
    previous = {"previousConnectionId": listener.joined["connectionId"]}
    new_listener = await house.connect(**fields, **previous)
    done = await new_listener.request({"action": "refresh", **fields, **previous}, "connectionRefreshComplete")
    assert done["type"] == "connectionRefreshComplete"
    after = session_item(house.sandbox, speaker.session_id)
    assert int(after["endsAtMs"]["N"]) > int(before["endsAtMs"]["N"])
    await grow_old(house, 9, speaker.connection, listener.connection, new_speaker, new_listener)
    house.sandbox.advance_clock(6 * MINUTE_MS)
    for old in (speaker.connection, listener.connection):
        with pytest.raises(ClosedError):
            await old.expect("nothing more", within_s=15)
    status = await new_speaker.request({"action": "sessionStatus"}, "sessionStatus")
    assert (status["type"], status["listenerCount"]) == ("sessionStatus", 1)
    await new_speaker.request({"action": "speakerControl", "command": "endSession"}, "speakerControlAck")
    await new_listener.expect("sessionEnded", within_s=DISMISSED_WITHIN_S)
    await new_speaker.close()


@on_a_loop
async def test_a_speaker_who_stays_away_ends_the_session(house):
    """Its listeners are told and closed, and nothing of the session is left but its ended record."""
    speaker = await house.speak("kate")
    listener = await house.listen(speaker)
    await asyncio.to_thread(house.sandbox.begin_run)
    await speaker.connection.close()
    await asyncio.to_thread(house.sandbox.expect, "lambda.end", function=DISCONNECTED)
    house.sandbox.advance_clock(2 * MINUTE_MS)
    ended = await listener.connection.expect("sessionEnded", within_s=DISMISSED_WITHIN_S)
    assert ended["reason"] == "speakerGone"
    with pytest.raises(ClosedError) as closed:
        await listener.connection.expect("nothing more")
    assert closed.value.code == 1000
    # It is counted out after it was closed.
    await asyncio.to_thread(house.sandbox.expect, "lambda.end", function=DISCONNECTED, count=2)
    assert session_item(house.sandbox, speaker.session_id)["listenerCount"]["N"] == "0"
    assert session_item(house.sandbox, speaker.session_id)["status"]["S"] == "ended"
