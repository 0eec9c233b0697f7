"""What authorizer and `$connect` answer, and what the handshake makes of it."""

import json
from dataclasses import replace

import pytest

from sandbox.functions.invocation import Outcome
from sandbox.gateway import limits
from sandbox.gateway.effects import Purpose
from sandbox.gateway.lifecycle import State
from tests.sandbox.gateway.gateway_world import ALLOW, OK, connection, invokes, opened, responded, stage


def answered(payload: object, *, authorizer: bool = False) -> int:
    """The handshake's status when the first function that is asked answers with this."""
    made = connection(stage("$connect", authorizer=authorizer))
    (asked,) = invokes(made.begin(1000))
    effects = made.outcome(asked.token, Outcome(status=200, payload=json.dumps(payload).encode()), 1001)
    return responded(effects).status if not invokes(effects) else 0


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        ({"statusCode": 200}, 101), ({"statusCode": 204}, 101), ({"statusCode": 299}, 101),
        ({"statusCode": "200"}, 101),
        ({"statusCode": 300}, 300), ({"statusCode": 599}, 599), ({"statusCode": 600}, 502), ({"statusCode": 199}, 502),
        ({"statusCode": True}, 502), ({"statusCode": None}, 502), ([], 502), ("200", 502), (200, 502),
        ({"statusCode": 200, "headers": []}, 101), ({"statusCode": 200, "headers": "x"}, 502),
        ({"statusCode": 200, "headers": {"Sec-WebSocket-Protocol": "a\r\nb"}}, 502),
        ({"statusCode": 200, "headers": {"Sec-WebSocket-Protocol": "é"}}, 502),
        ({"statusCode": 200, "headers": {"sec-websocket-protocol": "v1.json"}}, 101),
    ],
)  # fmt: skip
def test_only_a_status_of_http_is_one(answer, status):
    """WS-23, WS-24, WS-34: whatever a handler returns, the client gets one proper answer."""
    assert answered(answer) == status


def policy(**changes) -> dict:
    document: dict = json.loads(ALLOW.payload)
    return {**document, **changes}


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (policy(), 0), (policy(context={"deep": {"er": 1}}), 500), (policy(context={"list": []}), 500),
        (policy(context=None), 0), (policy(principalId="x" * 9000), 500), (policy(policyDocument=None), 500),
        ([], 500), (True, 500), ({"principalId": "x", "policyDocument": {"Statement": []}}, 403),
    ],
)  # fmt: skip
def test_an_authorizers_answer_is_a_policy_or_a_failure(answer, status):
    """WS-30, WS-31: a context has text, numbers and truth values only."""
    assert answered(answer, authorizer=True) == status


def padded(size: int) -> Outcome:
    document = policy(context={"pad": ""})
    missing = size - len(json.dumps(document))
    return Outcome(status=200, payload=json.dumps(policy(context={"pad": "x" * missing})).encode())


@pytest.mark.parametrize(("extra", "allowed"), [(0, True), (1, False)])
def test_an_authorizers_answer_of_8_kb_is_taken_and_one_byte_more_is_not(extra, allowed):
    """WS-33."""
    made = connection(stage("$connect", authorizer=True))
    (asked,) = invokes(made.begin(1000))
    effects = made.outcome(asked.token, padded(limits.AUTHORIZER_RESULT_BYTES + extra), 1001)
    assert bool(invokes(effects)) is allowed
    assert allowed or responded(effects).status == 500


def test_the_authorizer_is_asked_for_every_connection():
    """WS-33: nothing is cached, whatever the time to live says."""
    on = stage("$connect", authorizer=True)
    asked = [invokes(connection(on).begin(1000)) for _ in range(2)]
    assert [[one.purpose for one in each] for each in asked] == [[Purpose.AUTHORIZE]] * 2


@pytest.mark.parametrize(
    ("source", "given"),
    [
        ("route.request.querystring.token", {"query": "token=x"}),
        ("route.request.header.Auth", {"headers": (("auth", "x"),)}),
        ("stageVariables.v", {}), ("context.identity.sourceIp", {}),
    ],
)  # fmt: skip
def test_an_identity_source_may_be_in_query_headers_stage_or_context(source, given):
    """WS-29."""
    on = stage("$connect", authorizer=True, identity_sources=(source,))
    assert invokes(connection(replace(on, stage_variables={"v": "x"}), **given).begin(1000))


@pytest.mark.parametrize(
    ("source", "given"),
    [
        ("route.request.querystring.token", {"query": "token="}), ("route.request.querystring.token", {"query": "x=1"}),
        ("route.request.header.Auth", {"headers": (("Auth", ""),)}), ("stageVariables.w", {}),
        ("context.nothing.x", {}),
    ],
)  # fmt: skip
def test_an_identity_source_that_is_missing_or_empty_is_401(source, given):
    """WS-29: the authorizer is not asked."""
    on = stage("$connect", authorizer=True, identity_sources=(source,))
    effects = connection(on, **given).begin(1000)
    assert (invokes(effects), responded(effects).status) == ([], 401)


@pytest.mark.parametrize(
    ("status", "message", "error_type"),
    [(401, "Unauthorized", "UnauthorizedException"), (403, "Forbidden", "ForbiddenException"),
     (429, "Too Many Requests", "TooManyRequestsException")],
)  # fmt: skip
def test_a_refusal_says_why_in_body_and_headers(status, message, error_type):
    """WS-29, WS-30, WS-44: with the ids that support asks for."""
    made = connection(
        stage("$connect", authorizer=True, identity_sources=("route.request.header.Auth",) if status == 401 else ()),
        admit=lambda route, now_ms: status != 429,
    )
    effects = made.begin(1000)
    for asked in invokes(effects):
        effects = made.outcome(asked.token, Outcome(status=200, payload=ALLOW.payload.replace(b"Allow", b"Deny")), 1000)
    refusal = responded(effects)
    headers = dict(refusal.headers)
    assert refusal.status == status
    assert headers["x-amzn-ErrorType"] == error_type
    assert refusal.body.decode() == (
        f'{{"message": "{message}", "connectionId":"{made.identity.connection_id}", '
        f'"requestId":"{headers["x-amzn-RequestId"]}"}}'
    )


@pytest.mark.parametrize(("purpose", "status"), [(Purpose.AUTHORIZE, 500), (Purpose.CONNECT, 504)])
def test_a_handshake_whose_function_takes_too_long_is_refused(purpose, status):
    """WS-22, WS-31: at 29 s and not before."""
    made = connection(stage("$connect", authorizer=purpose is Purpose.AUTHORIZE))
    made.begin(1000)
    assert made.tick(1000 + limits.INTEGRATION_MS[1] - 1) == []
    assert responded(made.tick(1000 + limits.INTEGRATION_MS[1])).status == status
    assert made.state is State.CLOSED


def test_a_client_cannot_speak_before_the_101():
    """WS-26: what it sends is not looked at."""
    made = connection(stage("$connect"))
    (asked,) = invokes(made.begin(1000))
    assert made.received(b"\x81\x80\x00\x00\x00\x00", 1000) == []
    assert responded(made.outcome(asked.token, OK, 1000)).status == 101


def test_the_101_accepts_no_extension():
    """WS-43: whatever was offered."""
    made = connection(stage("say"), headers=(("Sec-WebSocket-Extensions", "permessage-deflate"),))
    names = [name for name, _ in responded(made.begin(1000)).headers]
    assert names == ["Upgrade", "Connection", "Sec-WebSocket-Accept"]


def test_a_ping_does_not_put_off_the_idle_timeout():
    """WS-40, WS-42: the timeout counts messages."""
    made = opened(stage("say"))
    made.received(b"\x89\x80\x00\x00\x00\x00", 500_000)
    assert made.next_deadline_ms == 1000 + limits.IDLE_MS
