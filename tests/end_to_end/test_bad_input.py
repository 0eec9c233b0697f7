"""Bad input to every route: the contract's code, nothing changed, nothing leaked."""

import base64
import json
import re

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from sandbox.client.connection import Connection, RefusedError, url_with
from sandbox.user_pool import keys

from .bad_input_world import ENDED, NOBODYS, OWNED, RIVALS, Actors, actors, claims_of

pytestmark = pytest.mark.e2e
LONG = "e" * 5000
AUDIO = re.compile(r"[A-Za-z0-9+/]{200}")


def audio(size: int) -> str:
    """Base64 of so many bytes that is easy to find where it must not be."""
    return base64.b64encode(bytes(range(1, 256)) * (size // 255) + bytes(range(1, size % 255 + 1))).decode()


@pytest.fixture(scope="module")
def world(sandbox_session):
    yield from actors(sandbox_session)


def create(**fields) -> dict:
    return {"action": "createSession", "sourceLanguage": "en"} | fields


def join(**fields) -> dict:
    return {"action": "joinSession", "sessionId": OWNED, "targetLanguage": "es"} | fields


def send(**fields) -> dict:
    return {"action": "sendAudio", "seq": 0, "audio": audio(3200)} | fields


def control(command: object = "pause", **fields) -> dict:
    return {"action": "speakerControl", "command": command} | fields


def refresh(**fields) -> dict:
    return {"action": "refresh", "sessionId": OWNED} | fields


def refresh_listener(**fields) -> dict:
    return refresh(targetLanguage="es", previousConnectionId="L0SM9cOFvHcCIhw=") | fields


def listening(command: object = "pause", **fields) -> dict:
    return {"action": "listenerControl", "command": command} | fields


def without(message: dict, name: str) -> dict:
    return {key: value for key, value in message.items() if key != name}


NOT_MESSAGES = [
    "", " ", "not JSON", "[1, 2]", "null", "1", '"createSession"', '{"action": "createSession"', "[" * 30_000,
    '{"seq": ' + "9" * 5000 + "}", "{}", '{"Action": "createSession"}', '{"action": null}', '{"action": 5}',
    '{"action": ["sendAudio"]}', '{"action": {"name": "sendAudio"}}', '{"action": "$connect"}',
    '{"action": "$disconnect"}', '{"action": "$default"}', '{"action": "sendaudio"}', '{"action": "\\ud800"}',
    json.dumps({"action": LONG}), json.dumps({"action": "dance", "audio": audio(3200)}),
]  # fmt: skip

ROWS = [
    *(("stranger", text, "INVALID_MESSAGE") for text in NOT_MESSAGES),
    # createSession: each field
    ("stranger", without(create(), "sourceLanguage"), "UNSUPPORTED_LANGUAGE"),
    *(
        ("stranger", create(sourceLanguage=value), "UNSUPPORTED_LANGUAGE")
        for value in ("xx", "EN", "en-US", " en", "", LONG, 5, None, True, ["en"], {"en": "en"}, "\ud800")
    ),
    *(
        ("stranger", create(qualityTier=value), "INVALID_PARAMETER")
        for value in ("gold", "", "Premium", LONG, 5, True, ["premium"], {"a": 1})
    ),
    *(
        ("stranger", create(partialResults=value), "INVALID_PARAMETER")
        for value in (
            "yes",
            1,
            [],
            [1],
            True,
            {"more": 1},
            {"enabled": "yes"},
            {"enabled": 1},
            {"enabled": None},
            {"minStabilityThreshold": 1.01},
            {"minStabilityThreshold": -0.01},
            {"minStabilityThreshold": "0.8"},
            {"minStabilityThreshold": True},
            {"minStabilityThreshold": float("nan")},
            {"minStabilityThreshold": None},
            {"maxBufferTimeout": 1.99},
            {"maxBufferTimeout": 10.01},
            {"maxBufferTimeout": "5"},
            {"maxBufferTimeout": float("inf")},
            {"maxBufferTimeout": True},
            {LONG: 1},
        )
    ),
    ("owner", create(), "MAX_SESSIONS_EXCEEDED"),
    ("double", create(), "MAX_SESSIONS_EXCEEDED"),
    ("listener", create(), "UNAUTHORIZED_ACTION"),
    # joinSession: each field
    ("waiting", without(join(), "sessionId"), "INVALID_SESSION_ID"),
    *(
        ("waiting", join(sessionId=value), "INVALID_SESSION_ID")
        for value in (
            "GOLDEN-EAGLE-427",
            "golden-eagle-99",
            "golden-eagle-1000",
            "golden-eagle-427\n",
            "golden-eagle",
            "",
            LONG,
            "speaker#ada",
            "golden-eagle-١٢٣",
            427,
            None,
            True,
            [OWNED],
            {"id": OWNED},
        )
    ),
    ("waiting", without(join(), "targetLanguage"), "UNSUPPORTED_LANGUAGE"),
    *(
        ("waiting", join(targetLanguage=value), "UNSUPPORTED_LANGUAGE")
        for value in ("xx", "ES", "es-MX", "", LONG, 5, None, True, ["es"], {"es": 1})
    ),
    ("waiting", join(sessionId=NOBODYS), "SESSION_NOT_FOUND"),
    ("waiting", join(sessionId=ENDED), "SESSION_NOT_FOUND"),
    ("owner", join(), "UNAUTHORIZED_ACTION"),
    ("stranger", join(), "UNAUTHORIZED_ACTION"),
    # sendAudio: each field, each role
    ("owner", without(send(), "seq"), "INVALID_PARAMETER"),
    *(
        ("owner", send(seq=value), "INVALID_PARAMETER")
        for value in ("0", -1, 0.5, 1.0, None, True, [0], {"a": 0}, 2**53, 10**40)
    ),
    ("owner", without(send(), "audio"), "INVALID_PARAMETER"),
    *(("owner", send(audio=value), "INVALID_PARAMETER") for value in (5, None, True, [audio(3200)], {"pcm": "AAAA"})),
    *(
        ("owner", send(audio=value), "INVALID_AUDIO_FORMAT")
        for value in (
            "",
            "AAA",
            "====",
            "=AAA" * 50,
            "A" * 160 + "\n",
            "é" * 200,
            "\ud800" * 200,
            "-_" * 100,
            audio(3200)[:-1],
            audio(2),
            audio(98),
            audio(101),
            audio(3201),
            audio(23_999),
        )
    ),
    ("owner", send(audio=audio(24_001)), "AUDIO_CHUNK_TOO_LARGE"),
    ("owner", send(audio=audio(24_002)), "AUDIO_CHUNK_TOO_LARGE"),
    ("owner", send(audio="é" * 100 + audio(23_999)), "AUDIO_CHUNK_TOO_LARGE"),
    ("listener", send(), "UNAUTHORIZED_ACTION"),
    ("waiting", send(), "UNAUTHORIZED_ACTION"),
    ("stranger", send(), "SESSION_NOT_FOUND"),
    ("former", send(), "SESSION_NOT_FOUND"),
    ("double", send(), "SESSION_NOT_FOUND"),
    # speakerControl: each field, each role
    ("owner", without(control(), "command"), "INVALID_PARAMETER"),
    *(
        ("owner", control(value), "INVALID_PARAMETER")
        for value in ("shout", "PAUSE", "", LONG, 5, None, True, ["pause"], {"pause": 1})
    ),
    ("owner", control("setVolume"), "INVALID_PARAMETER"),
    *(
        ("owner", control("setVolume", volume=value), "INVALID_PARAMETER")
        for value in (-0.01, 1.01, "1", None, True, [1], {"to": 1}, float("nan"), float("inf"), 10**400)
    ),
    ("listener", control("endSession"), "UNAUTHORIZED_ACTION"),
    ("waiting", control("mute"), "UNAUTHORIZED_ACTION"),
    ("double", control("endSession"), "UNAUTHORIZED_ACTION"),
    ("stranger", control("endSession"), "SESSION_NOT_FOUND"),
    ("former", control("resume"), "SESSION_NOT_FOUND"),
    # sessionStatus: each role
    ("listener", {"action": "sessionStatus"}, "UNAUTHORIZED_ACTION"),
    ("waiting", {"action": "sessionStatus"}, "UNAUTHORIZED_ACTION"),
    ("stranger", {"action": "sessionStatus"}, "SESSION_NOT_FOUND"),
    ("former", {"action": "sessionStatus", "sessionId": RIVALS}, "SESSION_NOT_FOUND"),
    # joinSession when joined already: the same again changes nothing, another session or language is no join
    ("listener", join(sessionId=RIVALS), "INVALID_PARAMETER"),
    ("listener", join(targetLanguage="fr"), "INVALID_PARAMETER"),
    # refresh: each field, each role, another's session
    ("stranger", without(refresh(), "sessionId"), "INVALID_SESSION_ID"),
    *(("stranger", refresh(sessionId=value), "INVALID_SESSION_ID") for value in ("GOLDEN", LONG, 5, None, [OWNED])),
    ("stranger", refresh(sessionId=NOBODYS), "SESSION_NOT_FOUND"),
    ("former", refresh(sessionId=ENDED), "SESSION_NOT_FOUND"),
    ("stranger", refresh(), "UNAUTHORIZED_ACTION"),
    ("owner", refresh(sessionId=RIVALS), "UNAUTHORIZED_ACTION"),
    ("waiting", without(refresh_listener(), "targetLanguage"), "UNSUPPORTED_LANGUAGE"),
    *(("waiting", refresh_listener(targetLanguage=value), "UNSUPPORTED_LANGUAGE") for value in ("xx", "ES", LONG, 5)),
    ("waiting", without(refresh_listener(), "previousConnectionId"), "INVALID_PARAMETER"),
    *(
        ("waiting", refresh_listener(previousConnectionId=value), "INVALID_PARAMETER")
        for value in ("", LONG, 5, None, True, ["a"], {"a": 1})
    ),
    ("waiting", refresh_listener(sessionId=NOBODYS), "SESSION_NOT_FOUND"),
    ("waiting", refresh_listener(sessionId=ENDED), "SESSION_NOT_FOUND"),
    # listenerControl: each field, each role
    ("listener", without(listening(), "command"), "INVALID_PARAMETER"),
    *(
        ("listener", listening(value), "INVALID_PARAMETER")
        for value in ("shout", "mute", "PAUSE", "", LONG, 5, None, True, ["pause"], {"pause": 1})
    ),
    ("listener", listening("changeLanguage"), "UNSUPPORTED_LANGUAGE"),
    *(
        ("listener", listening("changeLanguage", targetLanguage=value), "UNSUPPORTED_LANGUAGE")
        for value in ("xx", "FR", LONG, 5, None, ["fr"])
    ),
    ("waiting", listening(), "SESSION_NOT_FOUND"),
    ("waiting", listening("changeLanguage", targetLanguage="fr"), "SESSION_NOT_FOUND"),
    ("owner", listening(), "UNAUTHORIZED_ACTION"),
    ("stranger", listening("resume"), "UNAUTHORIZED_ACTION"),
]


def test_what_is_compared_is_there(world: Actors):
    """Or the comparison below would hold for nothing at all."""
    state = world.state()
    assert {f"Sessions/{one}" for one in world.sessions.values()} <= set(state)
    assert sum(name.startswith("Connections/") for name in state) == len(world.by_name)
    assert state[f"Sessions/{world.sessions[OWNED]}"]["listenerCount"] == 1
    assert len(state["queues"]) >= 2


def name_of(value: object) -> str | None:
    """A short name for a row: what pytest prints."""
    text = value if isinstance(value, str) else json.dumps(value)
    return re.sub(r"[^\w.:,#$-]+", "_", text[:70].encode("ascii", "replace").decode())


@pytest.mark.parametrize(("actor", "message", "code"), ROWS, ids=name_of)
def test_a_bad_message_is_answered_and_changes_nothing(world: Actors, actor, message, code):
    """The contract's code in one line; tables and queues as they were; neither audio, token nor traceback anywhere."""
    before = world.state()
    answer = world.answer(actor, message)
    assert (answer["type"], answer.get("code")) == ("error", code), answer
    assert len(answer["message"]) < 250
    assert not leaks(world, [json.dumps(answer)])
    assert world.state() == before
    assert not leaks(world, world.written())


@pytest.mark.parametrize("actor", ["rival", "waiting"])
def test_heartbeats_over_the_limit_are_refused(world: Actors, actor):
    """Two a minute and a spare; the connection stays open and nothing has changed."""
    before, beat = world.state(), {"action": "heartbeat"}
    assert [world.answer(actor, beat).get("code", "alive") for _ in range(4)] == [
        "alive", "alive", "alive", "RATE_LIMIT_EXCEEDED",
    ]  # fmt: skip
    assert world.state() == before


def leaks(world: Actors, lines: list[str]) -> list[str]:
    """What must not be written: a token, a run of base64 as long as audio, a traceback."""
    text = "\n".join(lines)
    found = [token[:12] for token in world.tokens if token in text] + ["eyJ"] * ("eyJ" in text)
    found += [one[:20] for one in AUDIO.findall(text)]
    # AWS's runtime client logs every failure with its traceback, and to fail is how an authorizer says 401.
    return found + [line[:200] for line in lines if "Traceback" in line and "AuthorizerFunction" not in line]


def forged(world: Actors, key: str) -> str:
    """A good token's claims, changed or signed otherwise."""
    good = world.tokens[0]
    header, payload = jwt.get_unverified_header(good), claims_of(good)
    pool = keys.load_or_generate(next((world.sandbox.state_dir / "user-pools").glob("*.json")))
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    parts = good.split(".")
    changed = base64.urlsafe_b64encode(json.dumps(payload | {"sub": "someone-else"}).encode()).decode().rstrip("=")
    return {
        "expired": lambda: world.sandbox.token("bad-owner", expires_in_s=-1),
        "other key": lambda: jwt.encode(payload, other, algorithm="RS256", headers={"kid": header["kid"]}),
        "unknown key": lambda: jwt.encode(payload, other, algorithm="RS256", headers={"kid": "nobody"}),
        "no key": lambda: jwt.encode(payload, other, algorithm="RS256"),
        "alg none": lambda: jwt.encode(payload, "", algorithm="none", headers={"kid": header["kid"]}),
        "alg HS256": lambda: jwt.encode(payload, "s" * 32, algorithm="HS256", headers={"kid": header["kid"]}),
        "no signature": lambda: f"{parts[0]}.{parts[1]}.",
        "changed claims": lambda: f"{parts[0]}.{changed}.{parts[2]}",
        "other pool": lambda: pool.sign(payload | {"iss": payload["iss"].replace("STAGING", "OTHER")}, "id"),
        "other client": lambda: pool.sign(payload | {"aud": "another-client"}, "id"),
        "refresh token": lambda: pool.sign(payload | {"token_use": "refresh"}, "id"),
        "no use": lambda: pool.sign(without(payload, "token_use"), "id"),
        "no end": lambda: pool.sign(without(payload, "exp"), "id"),
        "no user": lambda: pool.sign(without(payload, "sub"), "id"),
        "user is a number": lambda: pool.sign(payload | {"sub": 5}, "id"),
        "empty": lambda: "",
        "dots": lambda: "..",
        "long": lambda: "eyJ" + "a" * 6000,
    }[key]()


TOKENS = (
    "expired", "other key", "unknown key", "no key", "alg none", "alg HS256", "no signature", "changed claims",
    "other pool", "other client", "refresh token", "no use", "no end", "no user", "user is a number", "empty", "dots",
    "long",
)  # fmt: skip


def handshake(world: Actors, address: str, **query: str) -> int:
    async def connect() -> int:
        try:
            connection = await Connection.open(url_with(world.sandbox.url, query), local_address=address)
        except RefusedError as error:
            return error.status
        await connection.close()
        return 101

    return world.runner.run(connect())


@pytest.mark.parametrize("kind", TOKENS)
def test_a_bad_token_is_401_and_leaves_no_trace(world: Actors, kind):
    """Even beside a good session; no connection is recorded, and the token is written nowhere."""
    before, token = world.tables.connection_ids(), forged(world, kind)
    number = TOKENS.index(kind) + 1
    assert handshake(world, f"127.0.61.{number}", token=token) == 401
    query = {"sessionId": world.sessions[OWNED], "targetLanguage": "es", "token": token}
    assert handshake(world, f"127.0.61.{number}", **query) == 401
    assert world.tables.connection_ids() <= before
    assert not leaks(world, world.written())


LISTENERS = [
    ({"sessionId": OWNED}, 401),
    ({"targetLanguage": "es"}, 401),
    ({"sessionId": "", "targetLanguage": "es"}, 401),
    ({"sessionId": OWNED, "targetLanguage": ""}, 401),
    ({"sessionId": ENDED, "targetLanguage": "es"}, 404),
    ({"sessionId": NOBODYS, "targetLanguage": "es"}, 404),
    ({"sessionId": "speaker#ada", "targetLanguage": "es"}, 400),
    ({"sessionId": "golden-eagle-427\n", "targetLanguage": "es"}, 400),
    ({"sessionId": "a" * 3000, "targetLanguage": "es"}, 400),
    ({"sessionId": OWNED, "targetLanguage": "ES"}, 400),
    ({"sessionId": OWNED, "targetLanguage": "e" * 3000}, 400),
    ({"sessionId": OWNED, "targetLanguage": "es", "token": "x"}, 401),
]


@pytest.mark.parametrize(("query", "status"), LISTENERS, ids=name_of)
def test_a_bad_listener_is_refused_at_the_handshake(world: Actors, query, status):
    """And neither recorded nor counted."""
    before, state = world.tables.connection_ids(), world.state()
    number = [one for one, _ in LISTENERS].index(query) + 1
    filled = {name: world.fill(value) for name, value in query.items()}
    assert handshake(world, f"127.0.62.{number}", **filled) == status
    assert world.tables.connection_ids() <= before
    assert world.state() == state
