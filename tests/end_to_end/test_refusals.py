"""What a client gets when it asks for what cannot be: the contract's answers, through the running system."""

import asyncio

import pytest

from sandbox.client.connection import Connection, RefusedError, url_with
from sandbox.client.speaker import SessionRefusedError, Speaker

pytestmark = pytest.mark.e2e


def refusal_of(url: str) -> int:
    async def connect() -> int:
        try:
            connection = await Connection.open(url, local_address="127.0.30.1")
        except RefusedError as error:
            return error.status
        await connection.close()
        return 101

    return asyncio.run(connect())


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({}, 401),
        ({"token": "not-a-token"}, 401),
        ({"sessionId": "golden-eagle-427", "targetLanguage": "es"}, 404),
        ({"sessionId": "GOLDEN", "targetLanguage": "es"}, 400),
        ({"sessionId": "golden-eagle-427", "targetLanguage": "xx"}, 400),
    ],
)
def test_the_handshake_carries_the_contracts_status(sandbox_session, query, status):
    """Neither token nor session 401, unknown session 404, malformed id or language 400."""
    url = url_with(sandbox_session.url, query) if query else sandbox_session.url
    assert refusal_of(url) == status


def test_an_expired_token_is_401_and_a_valid_one_of_either_kind_is_not(sandbox_session):
    """ID and access tokens both make a speaker."""

    def status(**token) -> int:
        return refusal_of(url_with(sandbox_session.url, {"token": sandbox_session.token("bob", **token)}))

    assert status(expires_in_s=-10) == 401
    assert status(kind="id") == 101
    assert status(kind="access") == 101


async def answer_to(sandbox, message, user: str = "carol"):
    connection = await Connection.open(
        url_with(sandbox.url, {"token": sandbox.token(user)}), local_address="127.0.30.2"
    )
    if isinstance(message, str):
        await connection.send_text(message)
    else:
        await connection.send(message)
    answer = await connection.expect("error", "sessionCreated")
    await connection.close()
    return answer


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("not JSON", "INVALID_MESSAGE"),
        ("[1, 2]", "INVALID_MESSAGE"),
        ({"action": "dance"}, "INVALID_MESSAGE"),
        ({"no": "action"}, "INVALID_MESSAGE"),
        ({"action": "createSession"}, "UNSUPPORTED_LANGUAGE"),
        ({"action": "createSession", "sourceLanguage": "xx"}, "UNSUPPORTED_LANGUAGE"),
        ({"action": "createSession", "sourceLanguage": "en", "qualityTier": "gold"}, "INVALID_PARAMETER"),
        ({"action": "joinSession", "sessionId": "golden-eagle-427", "targetLanguage": "es"}, "UNAUTHORIZED_ACTION"),
        ({"action": "sendAudio", "seq": 0, "audio": "A" * 160}, "SESSION_NOT_FOUND"),
        ({"action": "speakerControl", "command": "pause"}, "SESSION_NOT_FOUND"),
        ({"action": "speakerControl", "command": "shout"}, "INVALID_PARAMETER"),
    ],
)
def test_a_bad_message_is_the_contracts_error(sandbox_session, message, code):
    """An error names its code and its request, and never a stack trace."""
    answer = asyncio.run(answer_to(sandbox_session, message))
    assert (answer["type"], answer["code"]) == ("error", code)
    assert answer["requestId"]
    assert "Traceback" not in answer["message"]


def test_a_speaker_has_one_live_session(sandbox_session):
    """The second is refused; after the first has ended it is not."""

    async def act():
        token = sandbox_session.token("dora")
        first = await Speaker.open(sandbox_session.url, token=token, language="en", local_address="127.0.30.3")
        with pytest.raises(SessionRefusedError, match="MAX_SESSIONS_EXCEEDED"):
            await Speaker.open(sandbox_session.url, token=token, language="en", local_address="127.0.30.3")
        await first.end()
        second = await Speaker.open(sandbox_session.url, token=token, language="en", local_address="127.0.30.3")
        await second.end()

    asyncio.run(act())


@pytest.mark.parametrize(
    ("audio", "code"),
    [("", "INVALID_AUDIO_FORMAT"), ("AAA", "INVALID_AUDIO_FORMAT"), ("A" * 32_004, "AUDIO_CHUNK_TOO_LARGE")],
)
def test_bad_audio_is_refused_and_changes_nothing(sandbox_session, audio, code):
    """Empty, not base64, and 3 bytes past 24,000."""

    async def act():
        user = f"eve-{len(audio)}"
        speaker = await Speaker.open(
            sandbox_session.url, token=sandbox_session.token(user), language="en", local_address="127.0.30.4"
        )
        answer = await speaker.connection.request({"action": "sendAudio", "seq": 0, "audio": audio}, "nothing")
        await speaker.end()
        return answer

    assert asyncio.run(act())["code"] == code
