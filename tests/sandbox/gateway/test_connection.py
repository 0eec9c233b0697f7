"""One WebSocket connection behaves as API Gateway's do, row by row."""

import json

import pytest
from websockets.frames import Opcode

from sandbox.functions.invocation import Outcome
from sandbox.gateway import limits
from sandbox.gateway.effects import Drop, Purpose, Send
from sandbox.gateway.lifecycle import State
from tests.sandbox.gateway.gateway_world import (
    ALLOW,
    OK,
    close_frame,
    closed,
    connection,
    frame,
    invokes,
    opened,
    responded,
    sent_text,
    stage,
)

RAISED = Outcome(status=200, payload=b'{"errorMessage":"secret"}', function_error="Unhandled")


def test_the_handshake_is_pending_until_connect_has_answered():
    """WS-26: authorizer, then `$connect`, then the 101."""
    made = connection(stage("$connect", authorizer=True))
    (authorize,) = invokes(made.begin(1000))
    assert authorize.purpose is Purpose.AUTHORIZE
    (connect,) = invokes(made.outcome(authorize.token, ALLOW, 1010))
    assert connect.purpose is Purpose.CONNECT
    assert responded(made.outcome(connect.token, OK, 1020)).status == 101
    assert made.state is State.OPEN


@pytest.mark.parametrize(
    ("outcome", "status"),
    [
        (Outcome(status=200, payload=b'{"statusCode":400}'), 400),
        (Outcome(status=200, payload=b'{"statusCode":429}'), 429),
        (RAISED, 502),
        (Outcome(status=200, payload=b"{}"), 502),
        (Outcome(status=200, payload=b"null"), 502),
        (Outcome(status=403, error_type="AccessDeniedException"), 500),
    ],
)
def test_connects_answer_is_the_handshakes_status(outcome, status):
    """WS-21, WS-23, WS-24."""
    made = connection(stage("$connect"))
    (connect,) = invokes(made.begin(1000))
    assert responded(made.outcome(connect.token, outcome, 1001)).status == status
    assert made.state is State.CLOSED


@pytest.mark.parametrize(
    ("outcome", "status"),
    [
        (Outcome(status=200, payload=b'{"errorMessage":"Unauthorized"}', function_error="Unhandled"), 401),
        (RAISED, 500),
        (Outcome(status=200, payload=b"{}"), 500),
        (Outcome(status=200, payload=ALLOW.payload.replace(b'"Allow"', b'"Deny"')), 403),
        (Outcome(status=200, payload=ALLOW.payload.replace(b"/prod/", b"/test/")), 403),
    ],
)
def test_an_authorizer_that_does_not_allow(outcome, status):
    """WS-30, WS-31."""
    made = connection(stage("$connect", authorizer=True))
    (authorize,) = invokes(made.begin(1000))
    assert responded(made.outcome(authorize.token, outcome, 1001)).status == status


def test_a_missing_identity_source_is_401_without_asking_the_authorizer():
    """WS-29."""
    guarded = stage("$connect", authorizer=True, identity_sources=("route.request.querystring.token",))
    effects = connection(guarded).begin(1000)
    assert (invokes(effects), responded(effects).status) == ([], 401)
    assert invokes(connection(guarded, query="token=x").begin(1000))


def test_a_stage_without_connect_accepts_at_once():
    """WS-25."""
    made = connection(stage("$default"))
    assert made.begin(1000)[0].status == 101


def test_a_subprotocol_is_in_the_101_only_when_connect_returned_one():
    """WS-34."""
    made = connection(stage("$connect"))
    (connect,) = invokes(made.begin(1000))
    payload = b'{"statusCode":200,"headers":{"Sec-WebSocket-Protocol":"x"}}'
    accepted = responded(made.outcome(connect.token, Outcome(status=200, payload=payload), 1001))
    assert ("Sec-WebSocket-Protocol", "x") in accepted.headers


def test_the_authorizers_context_is_in_every_later_event_as_strings():
    """WS-32."""
    made = opened(stage("$connect", "say", "$disconnect", authorizer=True))
    (say,) = invokes(made.received(frame('{"action":"say"}'), 2000))
    context = {"role": "speaker", "age": "7", "admin": "true", "principalId": "ada"}
    assert json.loads(say.payload)["requestContext"]["authorizer"] == context
    (gone,) = invokes(made.received(close_frame(1000), 3000))
    assert json.loads(gone.payload)["requestContext"]["authorizer"] == context


def test_messages_are_invoked_without_waiting_for_each_other():
    """WS-46."""
    made = opened(stage("say"))
    effects = made.received(frame('{"action":"say"}') * 3, 2000)
    assert len(invokes(effects)) == 3
    assert len({one.token for one in invokes(effects)}) == 3


def test_an_unknown_route_without_default_is_forbidden_and_stays_open():
    """WS-18: the frame's very bytes."""
    made = opened(stage("say"))
    text = sent_text(made.received(frame("hi"), 2000))
    assert text.startswith('{"message": "Forbidden", "connectionId":"')
    assert '", "requestId":"' in text
    assert made.state is State.OPEN


@pytest.mark.parametrize("outcome", [RAISED, Outcome(status=429), Outcome(status=403)])
def test_a_failing_handler_is_an_internal_server_error_that_leaks_nothing(outcome):
    """WS-20, WS-21."""
    made = opened(stage("say"))
    (say,) = invokes(made.received(frame('{"action":"say"}'), 2000))
    text = sent_text(made.outcome(say.token, outcome, 2001))
    assert text.startswith('{"message": "Internal server error", "connectionId":"')
    assert "secret" not in text


def test_an_integration_that_takes_too_long_is_told_at_its_timeout():
    """WS-22: at 29 s and not before; the late outcome changes nothing."""
    made = opened(stage("say"))
    (say,) = invokes(made.received(frame('{"action":"say"}'), 2000))
    assert made.tick(2000 + 28_999) == []
    assert sent_text(made.tick(2000 + 29_000)).startswith('{"message": "Endpoint request timed out"')
    assert made.outcome(say.token, RAISED, 40_000) == []


@pytest.mark.parametrize(("returns", "text"), [(True, "pong"), (False, "")])
def test_a_returned_body_needs_a_route_response(returns, text):
    """WS-35, WS-36: its status does not matter."""
    made = opened(stage("say", returns_response=returns))
    (say,) = invokes(made.received(frame('{"action":"say"}'), 2000))
    outcome = Outcome(status=200, payload=b'{"statusCode":500,"body":"pong"}')
    effects = made.outcome(say.token, outcome, 2001)
    assert (sent_text(effects) if effects else "") == text


def test_an_empty_body_is_no_message():
    """WS-35: what a handler that posts by itself returns."""
    made = opened(stage("say", returns_response=True))
    (say,) = invokes(made.received(frame('{"action":"say"}'), 2000))
    assert made.outcome(say.token, Outcome(status=200, payload=b'{"statusCode":200,"body":""}'), 2001) == []


def test_a_frame_of_32_kb_is_taken_and_one_byte_more_closes_with_1009():
    """WS-37."""
    assert invokes(opened(stage("$default")).received(frame(b"x" * limits.FRAME_BYTES), 2000))
    effects = opened(stage("$default")).received(frame(b"x" * (limits.FRAME_BYTES + 1)), 2000)
    assert closed(effects).code == 1009


@pytest.mark.parametrize(("extra", "taken"), [(0, True), (1, False)])
def test_a_message_of_128_kb_is_taken_and_one_byte_more_closes_with_1009(extra, taken):
    """WS-38: in frames of 32 KB."""
    made = opened(stage("$default"))
    effects = made.received(frame(b"x" * limits.FRAME_BYTES, fin=False), 2000)
    for number in range(3):
        last = number == 2 and not extra
        effects = made.received(frame(b"x" * limits.FRAME_BYTES, opcode=Opcode.CONT, fin=last), 2000)
    if extra:
        effects = made.received(frame(b"x", opcode=Opcode.CONT), 2000)
    assert bool(invokes(effects)) is taken
    assert taken or closed(effects).code == 1009


def test_a_binary_frame_closes_with_1003():
    """WS-39."""
    assert closed(opened(stage("$default")).received(frame(b"x", opcode=Opcode.BINARY), 2000)).code == 1003


def test_ten_minutes_without_a_message_close_with_1001_going_away():
    """WS-40: a message in either direction starts them anew."""
    made = opened(stage("$default"))
    made.post(b"hello", 500_000)
    assert made.tick(500_000 + limits.IDLE_MS - 1) == []
    ended = closed(made.tick(500_000 + limits.IDLE_MS))
    assert (ended.code, ended.reason) == (1001, "Going away")


def test_two_hours_end_a_busy_connection():
    """WS-41."""
    made = opened(stage("$default"))
    for minute in range(5, 120, 5):
        made.received(frame("x"), minute * 60_000)
        made.tick(minute * 60_000)
    assert made.state is State.OPEN
    made.received(frame("x"), 7_190_000)
    assert closed(made.tick(1000 + limits.DURATION_MS)).code == 1001


@pytest.mark.parametrize(
    ("received", "code", "reason"),
    [
        (close_frame(), 1005, "Client-side close frame status not set"),
        (close_frame(1001), 1001, ""),
        (close_frame(4000, "bye"), 4000, "bye"),
    ],
    ids=["no code", "1001", "4000 bye"],  # a frame's mask is random, and so would be its id
)
def test_a_client_that_closes_is_told_to_disconnect_with_its_code(received, code, reason):
    """WS-07, WS-08."""
    (event,) = invokes(opened(stage("$disconnect")).received(received, 2000))
    context = json.loads(event.payload)["requestContext"]
    assert (context["disconnectStatusCode"], context["disconnectReason"]) == (code, reason)


def test_a_delete_closes_with_1000_and_tells_disconnect():
    """WS-09, WS-54; the client's answer lets the socket go."""
    made = opened(stage("$disconnect"))
    (event,) = invokes(made.delete(2000))
    context = json.loads(event.payload)["requestContext"]
    assert (context["disconnectStatusCode"], context["disconnectReason"]) == (1000, "Connection Closed Normally")
    assert made.received(close_frame(1000), 2001) == [Drop()]


def test_a_client_that_never_answers_the_close_is_dropped():
    """Half-open sockets do not stay."""
    made = opened(stage("$default"))
    made.delete(2000)
    assert made.next_deadline_ms is not None
    assert made.tick(made.next_deadline_ms) == [Drop(abruptly=True)]
    assert made.next_deadline_ms is None


def test_a_lost_socket_is_1006():
    """WS-10."""
    assert closed(opened(stage("$disconnect")).lost(2000)).code == 1006


def test_a_long_callback_goes_out_in_frames_of_32_kb():
    """WS-56."""
    made = opened(stage("$default"))
    data = b"".join(effect.data for effect in made.post(b"x" * 70_000, 2000) if isinstance(effect, Send))
    assert len(data) == 70_000 + 3 * 4


def test_a_ping_is_answered():
    """WS-42 and RFC 6455; nothing is invoked."""
    effects = opened(stage("$default")).received(frame(b"hi", opcode=Opcode.PING), 2000)
    assert effects == [Send(data=b"\x8a\x02hi")]
