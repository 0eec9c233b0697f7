"""The watcher of test traffic: a wrong frame of the server's, or one of a client's that nobody refused, is told."""

import json

from sandbox.testing.messages import Traffic

ERROR = {"type": "error", "code": "INVALID_MESSAGE", "message": "expected a JSON object", "requestId": "AAAA"}


def frames(*messages) -> list[str]:
    return [one if isinstance(one, str) else json.dumps(one) for one in messages]


def test_good_traffic_is_counted_and_passes():
    """Both ways."""
    traffic, connection = Traffic(), object()
    for text in frames({"action": "heartbeat"}):
        traffic.sent(connection, text)
    for text in frames({"type": "heartbeatAck", "timestamp": 1_790_000_000_000}):
        traffic.received(connection, text)
    assert traffic.complaints() == []
    assert traffic.seen == {"client/heartbeat": 1, "server/heartbeatAck": 1}


def test_a_wrong_frame_of_the_servers_is_told_once():
    """The next call begins anew."""
    traffic = Traffic()
    traffic.received(object(), json.dumps({"type": "heartbeatAck"}))
    assert traffic.complaints() == ["from the server: heartbeatAck: the message: 'timestamp' is a required property"]
    assert traffic.complaints() == []


def test_a_wrong_frame_of_a_clients_must_be_refused_on_its_own_connection():
    """Another connection's error is no answer."""
    traffic, refused, ignored = Traffic(), object(), object()
    for connection in (refused, ignored):
        traffic.sent(connection, "not JSON")
    for text in frames(ERROR, ERROR):
        traffic.received(refused, text)
    assert traffic.complaints() == ["from a client, and not refused: expected JSON, got text that is not"]
