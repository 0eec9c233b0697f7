"""The events that functions receive, held against a corpus: each file says where its event comes from (`origin`) and
what of it is ours by reasoning (`ours`). Shape, values and the order of keys are compared, byte for byte.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from websockets.frames import Opcode

from sandbox.definitions.model import Rule, Stage
from sandbox.event_sources import batches
from sandbox.gateway import limits
from sandbox.gateway.connection import Connection
from sandbox.gateway.effects import Purpose
from sandbox.gateway.events import Identity
from sandbox.schedules.service import scheduled_event
from tests.sandbox.gateway import gateway_world
from tests.sandbox.gateway.gateway_world import OK, close_frame, frame, invokes, stage

CORPUS = {path.stem: json.loads(path.read_text()) for path in sorted(Path(__file__).parent.glob("*.json"))}
CONNECTED_MS = 1_707_502_303_419
LATER_MS = 1_707_502_304_000
HOST = "abcd123456.execute-api.us-east-1.amazonaws.com"
REQUEST_ID, MESSAGE_ID = "AAAAAAAAAAAAAAI=", "AAAAAAAAAAAAAAQ="
UPGRADE = (
    ("Host", "localhost:4566"), ("Upgrade", "websocket"), ("Connection", "Upgrade"),
    ("Sec-WebSocket-Version", "13"), ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
)  # fmt: skip
DEFLATE = ("Sec-WebSocket-Extensions", "permessage-deflate; client_max_window_bits")
BROWSER = ("User-Agent", "Mozilla/5.0")
ALLOW = replace(
    gateway_world.ALLOW, payload=gateway_world.ALLOW.payload.replace(b"abcde12345", b"abcd123456")
)  # fmt: skip
AUDIO = '{"action":"sendAudio","seq":0}'


def connection(on: Stage, ids: Iterator[str], *, headers=(*UPGRADE, DEFLATE), query: str = "") -> Connection:
    user_agent = dict(headers).get("User-Agent")
    identity = Identity(
        connection_id="AAAAAAAAAAAAAAE=", api_id="abcd123456", stage="prod", domain_name=HOST, region="us-east-1",
        account_id="123456789012", connected_ms=CONNECTED_MS, source_ip="192.0.2.1", user_agent=user_agent,
    )  # fmt: skip
    return Connection(
        identity=identity, stage=on, headers=headers, query=query, accept="", draw_id=lambda: next(ids),
        admit=lambda route, now_ms: True,
    )  # fmt: skip


def connect(*, authorizer: bool = False, **given) -> bytes:
    made = connection(stage("$connect", authorizer=authorizer), iter([REQUEST_ID]), **given)
    (invoke,) = invokes(made.begin(CONNECTED_MS + 1))
    if authorizer:
        (invoke,) = invokes(made.outcome(invoke.token, ALLOW, CONNECTED_MS + 1))
    return invoke.payload


def authorize(variables: dict[str, str], **given) -> bytes:
    on = stage("$connect", authorizer=True)
    on = Stage(name="prod", deployment_id="d", routes=on.routes, stage_variables=variables)
    (invoke,) = invokes(connection(on, iter([REQUEST_ID]), **given).begin(CONNECTED_MS + 1))
    return invoke.payload


def opened(*keys: str, authorizer: bool = False) -> Connection:
    made = connection(
        stage("$disconnect", *(["$connect"] if authorizer else []), *keys, authorizer=authorizer),
        iter(["handshake", REQUEST_ID, MESSAGE_ID]),
    )
    effects = made.begin(CONNECTED_MS)
    for outcome in (ALLOW, OK) if authorizer else ():
        (invoke,) = invokes(effects)
        effects = made.outcome(invoke.token, outcome, CONNECTED_MS)
    return made


def message(body: str, *keys: str, authorizer: bool = False) -> bytes:
    (invoke,) = invokes(opened(*keys, authorizer=authorizer).received(frame(body), LATER_MS))
    return invoke.payload


def disconnect(end: Callable[[Connection], list], *, authorizer: bool = False) -> bytes:
    told = invokes(end(opened(authorizer=authorizer)))
    assert [one.purpose for one in told] == [Purpose.DISCONNECT]
    return told[0].payload


def received(data: bytes) -> Callable[[Connection], list]:
    return lambda made: made.received(data, LATER_MS)


def two_hours(made: Connection) -> list:
    for minutes in range(5, 120, 5):
        made.post(b"x", CONNECTED_MS + minutes * 60_000)
    return made.tick(CONNECTED_MS + limits.DURATION_MS)


EVERY_MINUTE = Rule(
    name="every-minute", arn="arn:aws:events:us-east-1:123456789012:rule/every-minute",
    schedule_expression="rate(1 minute)",
)  # fmt: skip
QUEUED = {
    "MessageId": "059f36b4-87a3-44ab-83d2-661975830a7d", "ReceiptHandle": "AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a...",
    "Body": "Test message.", "MD5OfBody": "e4e68fb7bd0e697a0ae8f1bb342846b3",
    "Attributes": {
        "SenderId": "AIDAIENQZJOLO23YVJ4VO", "ApproximateFirstReceiveTimestamp": "1545082649185",
        "ApproximateReceiveCount": "1", "SentTimestamp": "1545082649183",
    },
    "MessageAttributes": {"myAttribute": {"StringValue": "myValue", "DataType": "String"}},
}  # fmt: skip

BUILT: dict[str, Callable[[], bytes]] = {
    "authorizer": lambda: authorize({}, headers=(*UPGRADE, DEFLATE, ("HeaderAuth1", "headerValue1")),
                                    query="QueryString1=queryValue1"),
    "authorizer_without_query": lambda: authorize({"StageVar1": "stageValue1"},
                                                  headers=(*UPGRADE, DEFLATE, ("HeaderAuth1", "headerValue1"))),
    "connect": connect,
    "connect_authorized": lambda: connect(authorizer=True),
    "connect_from_a_browser": lambda: connect(headers=(*UPGRADE, BROWSER, ("Origin", "https://example.com"))),
    "connect_with_query": lambda: connect(query="sessionId=golden-eagle-427&targetLanguage=es&targetLanguage=fr"),
    "disconnect_binary": lambda: disconnect(received(frame(b"x", opcode=Opcode.BINARY))),
    "disconnect_deleted": lambda: disconnect(lambda made: made.delete(LATER_MS), authorizer=True),
    "disconnect_frame_too_large": lambda: disconnect(received(frame(b"x" * (limits.FRAME_BYTES + 1)))),
    "disconnect_idle": lambda: disconnect(lambda made: made.tick(CONNECTED_MS + limits.IDLE_MS)),
    "disconnect_lost": lambda: disconnect(lambda made: made.lost(LATER_MS)),
    "disconnect_no_frame": lambda: disconnect(received(b"GET / HTTP/1.1\r\n")),
    "disconnect_page_left": lambda: disconnect(received(close_frame(1001))),
    "disconnect_two_hours": lambda: disconnect(two_hours),
    "disconnect_with_a_code_of_the_clients": lambda: disconnect(received(close_frame(4000, "bye"))),
    "disconnect_without_a_status": lambda: disconnect(received(close_frame())),
    "message": lambda: message(AUDIO, "sendAudio"),
    "message_authorized": lambda: message(AUDIO, "sendAudio", authorizer=True),
    "message_on_default": lambda: message("not JSON", "$default"),
    "queue_batch": lambda: batches.event([QUEUED], queue_arn="arn:aws:sqs:us-east-2:123456789012:my-queue",
                                         region="us-east-2"),
    "scheduled": lambda: scheduled_event(EVERY_MINUTE, account_id="123456789012", region="us-east-1",
                                         at_ms=CONNECTED_MS, event_id="00000000-0000-0000-0000-000000000001"),
}  # fmt: skip


def compact(event: Any) -> bytes:
    return json.dumps(event, separators=(",", ":")).encode()


@pytest.mark.parametrize("name", CORPUS)
def test_an_event_is_that_of_the_corpus_byte_for_byte(name):
    """No key more, none less, none elsewhere (WS-01 WS-02 WS-03 WS-04 WS-05 WS-06 WS-07 WS-08 WS-09 WS-10 WS-12 WS-13
    WS-14 WS-28 WS-32 WS-40 WS-41 E-04)."""
    assert BUILT[name]() == compact(CORPUS[name]["event"])


@pytest.mark.parametrize("name", CORPUS)
def test_each_event_says_where_it_comes_from(name):
    """And one without a source says what is ours."""
    entry = CORPUS[name]
    assert entry["origin"]
    assert entry.get("ours") or "no source found" not in entry["origin"]


def test_every_event_of_the_corpus_is_built():
    """And nothing is built that the corpus does not have."""
    assert set(BUILT) == set(CORPUS)
