"""Events have API Gateway's keys, in its order, and no others."""

import json

import pytest

from sandbox.gateway import ids, observer
from sandbox.gateway.events import request_time
from tests.sandbox.gateway.gateway_world import connection, frame, invokes, opened, stage

HEADERS = (
    ("Host", "localhost:4566"), ("Connection", "Upgrade"), ("Upgrade", "websocket"), ("Sec-WebSocket-Key", "k"),
    ("User-Agent", "test"),
)  # fmt: skip
CONTEXT_KEYS = [
    "routeKey", "eventType", "extendedRequestId", "requestTime", "messageDirection", "stage", "connectedAt",
    "requestTimeEpoch", "identity", "requestId", "domainName", "connectionId", "apiId",
]  # fmt: skip


def connect_event(query: str = "") -> dict:
    (invoke,) = invokes(connection(stage("$connect"), query=query, headers=HEADERS).begin(1_707_502_303_000))
    event: dict = json.loads(invoke.payload)
    return event


def test_connects_event_has_no_body_and_query_keys_only_with_a_query():
    """WS-01."""
    assert list(connect_event()) == ["headers", "multiValueHeaders", "requestContext", "isBase64Encoded"]
    event = connect_event("a=1&a=2&b=%20x")
    assert event["queryStringParameters"] == {"a": "2", "b": " x"}
    assert event["multiValueQueryStringParameters"] == {"a": ["1", "2"], "b": [" x"]}


def test_the_context_has_thirteen_keys_in_wire_order():
    """WS-02, WS-12, WS-13, WS-14."""
    context = connect_event()["requestContext"]
    assert list(context) == CONTEXT_KEYS
    assert context["requestTime"] == "09/Feb/2024:18:11:43 +0000"
    assert context["requestId"] == context["extendedRequestId"]
    assert len(context["requestId"]) == 16
    assert context["requestId"].endswith("=")
    assert context["domainName"] == "abcde12345.execute-api.us-east-1.amazonaws.com"
    assert context["identity"] == {"userAgent": "test", "sourceIp": "127.0.0.9"}
    assert context["connectedAt"] == 1000


def test_header_names_keep_their_case_and_the_upgrades_own_are_not_shown():
    """WS-04."""
    headers = connect_event()["headers"]
    assert set(headers) == {
        "Host", "Sec-WebSocket-Key", "User-Agent", "X-Amzn-Trace-Id", "X-Forwarded-For", "X-Forwarded-Port",
        "X-Forwarded-Proto",
    }  # fmt: skip
    assert headers["Host"] == "abcde12345.execute-api.us-east-1.amazonaws.com"
    assert (headers["X-Forwarded-Port"], headers["X-Forwarded-Proto"]) == ("443", "https")


def test_the_authorizers_event():
    """WS-28: with the upgrade's headers and a content length of 0 (WS-04)."""
    (invoke,) = invokes(connection(stage("$connect", authorizer=True), headers=HEADERS).begin(1000))
    event = json.loads(invoke.payload)
    assert list(event) == [
        "type", "methodArn", "headers", "multiValueHeaders", "queryStringParameters",
        "multiValueQueryStringParameters", "stageVariables", "requestContext",
    ]  # fmt: skip
    assert event["methodArn"] == "arn:aws:execute-api:us-east-1:123456789012:abcde12345/prod/$connect"
    assert {"Connection", "Upgrade", "content-length"} <= event["headers"].keys()
    assert event["stageVariables"] == {}


def test_a_messages_event_is_context_body_and_flag():
    """WS-05: the message's id is not the request's, and stands behind the route key."""
    (invoke,) = invokes(opened(stage("$default")).received(frame('{"action":"x"}'), 2000))
    event = json.loads(invoke.payload)
    assert list(event) == ["requestContext", "body", "isBase64Encoded"]
    assert list(event["requestContext"]) == ["routeKey", "messageId", *CONTEXT_KEYS[1:]]
    assert event["requestContext"]["routeKey"] == "$default"
    assert event["requestContext"]["messageId"] != event["requestContext"]["requestId"]


def test_disconnects_event():
    """WS-06."""
    (invoke,) = invokes(opened(stage("$disconnect")).lost(2000))
    event = json.loads(invoke.payload)
    assert list(event) == ["headers", "multiValueHeaders", "requestContext", "isBase64Encoded"]
    assert event["headers"] == {
        "Host": "abcde12345.execute-api.us-east-1.amazonaws.com", "x-api-key": "", "X-Forwarded-For": "",
        "x-restapi": "",
    }  # fmt: skip
    assert list(event["requestContext"])[:2] == ["routeKey", "disconnectStatusCode"]
    assert list(event["requestContext"])[6] == "disconnectReason"


@pytest.mark.parametrize(("text", "well_formed"), [("VNRUSeldSwMCIRQ=", True), ("short=", False), ("V" * 16, False)])
def test_connection_ids_are_sixteen_characters_ending_in_an_equals_sign(text, well_formed):
    """WS-12, WS-49."""
    assert ids.is_well_formed(text) is well_formed


def test_times_are_common_log_format():
    """WS-13."""
    assert request_time(1_707_502_303_999) == "09/Feb/2024:18:11:43 +0000"


def test_the_journal_knows_a_chunk_by_its_digest():
    """Never the audio itself."""
    noted = observer.inbound('{"action":"sendAudio","seq":3,"audio":"AAEC"}')
    assert noted == {"action": "sendAudio", "seq": 3, "digest": observer.digest(bytes([0, 1, 2]))}
    assert observer.inbound("no") == {}


@pytest.mark.parametrize(
    ("body", "noted"),
    [
        ('{"action":"' + "A" * 65 + '"}', {"malformed": True}),
        ('{"action":"\\ud800"}', {"malformed": True}),
        ('{"action":"sendAudio","audio":"é"}', {"action": "sendAudio", "malformed": True}),
        ('{"action":"sendAudio","seq":true}', {"action": "sendAudio"}),
        ('{"action":"sendAudio","seq":9223372036854775808}', {"action": "sendAudio"}),
        ("[" * 30_000, {}),
    ],
)
def test_the_journal_notes_nothing_that_only_looks_like_an_action_or_a_number(body, noted):
    """A client may put audio, a token or half a character anywhere."""
    assert observer.inbound(body) == noted
