"""Whether a function may stream: its role decides, in Transcribe's words."""

from sandbox.live.transcribe import forbidden
from tests.sandbox.permissions.policies import allow
from tests.sandbox.permissions.test_guard import KEY, guarding

ACTION = "transcribe:StartStreamTranscription"


def test_a_role_that_allows_streaming_may_stream():
    """And whoever deploys may, with other credentials."""
    guard, told = guarding(allow(ACTION))
    assert forbidden(guard)(KEY, ACTION) is None
    assert forbidden(guard)("another", ACTION) is None
    assert told == []


def test_a_role_that_does_not_is_told_which_action_it_lacks():
    """T-12: HTTP/2 and WebSocket are two actions; the journal knows."""
    guard, told = guarding(allow(ACTION))
    why = forbidden(guard)(KEY, f"{ACTION}WebSocket")
    assert why is not None
    assert why.endswith(
        f"is not authorized to perform: {ACTION}WebSocket because no identity-based policy allows the "
        f"{ACTION}WebSocket action"
    )
    assert [one["action"] for one in told] == [f"{ACTION}WebSocket"]


def test_nothing_is_refused_where_permissions_are_not_enforced():
    """`--iam warn` tells only."""
    guard, told = guarding(mode="warn")
    assert forbidden(guard)(KEY, ACTION) is None
    assert len(told) == 1
