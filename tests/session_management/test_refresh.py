"""`refresh`: a new connection in the place of the previous one."""

import pytest
from broadcast import connections, sessions
from refresh_handler import handler

from tests.session_management.house import SESSION, caller, connected, session_with

pytestmark = pytest.mark.usefixtures("posts")


def test_a_speakers_previous_connection_leaves_no_record(posts):
    """Its `$disconnect` may be lost, and nobody posts to it any more; the new one's record names the session."""
    session_with(0)
    connected("speaker-2", role="speaker")
    handler.refresh(caller("speaker-2"), {"sessionId": SESSION})
    assert connections.get("speaker-1") is None
    assert connections.get("speaker-2").sessionId == SESSION
    assert sessions.get(SESSION).speakerConnectionId == "speaker-2"
    assert posts.told("speaker-2") == ["connectionRefreshComplete"]


def test_a_refresh_that_is_sent_twice_keeps_the_connection():
    """The session has it already."""
    session_with(0)
    connected("speaker-2", role="speaker")
    for _ in range(2):
        handler.refresh(caller("speaker-2"), {"sessionId": SESSION})
    assert connections.get("speaker-2").sessionId == SESSION
