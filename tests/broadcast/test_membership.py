"""A listener's new connection replaces its old one: the count is right whatever came first."""

import dataclasses

import pytest
from broadcast import connections, membership, sessions
from broadcast.connections import ConnectionRecord
from broadcast.errors import Refusal

from tests.broadcast.test_sessions import count, join, listener, session

pytestmark = pytest.mark.usefixtures("tables")

SESSION = "golden-eagle-427"


def replace(new: ConnectionRecord, previous_id: str, *, limit: int = 500) -> None:
    membership.replace(new, previous_id, SESSION, "es", limit=limit)


def joined() -> list[str]:
    return sorted(one.connectionId for one in connections.listeners(SESSION))


@pytest.mark.parametrize("limit", [1, 500])
def test_a_refresh_counts_nothing_and_the_old_connection_s_end_neither(limit):
    """Even in a full session; said twice, it changes nothing."""
    sessions.create(session())
    join("c-old", limit=limit)
    new = listener("c-new")
    replace(new, "c-old", limit=limit)
    replace(new, "c-old", limit=limit)
    assert (joined(), count()) == (["c-new"], 1)
    assert sessions.leave("c-old") is None
    assert count() == 1


def test_a_refresh_after_the_old_connection_s_end_joins_anew():
    """The old one was counted out, so the new one is counted in."""
    sessions.create(session())
    join("c-old")
    sessions.leave("c-old")
    replace(listener("c-new"), "c-old")
    assert (joined(), count()) == (["c-new"], 1)


def test_an_unknown_previous_connection_does_not_open_a_full_session():
    """SESSION_FULL, and nothing has changed."""
    sessions.create(session())
    join("c-1", limit=1)
    with pytest.raises(Refusal) as refused:
        replace(listener("c-new"), "c-unknown", limit=1)
    assert refused.value.code == "SESSION_FULL"
    assert (joined(), count()) == (["c-1"], 1)


def test_a_speaker_s_record_or_another_session_s_is_not_replaced():
    """Only a listener of this session has a place to give."""
    sessions.create(session())
    connections.put(dataclasses.replace(listener("c-speaker"), role="speaker", sessionId=SESSION))
    replace(listener("c-new"), "c-speaker")
    assert connections.get("c-speaker") is not None
    assert count() == 1


def test_an_ended_session_takes_no_refresh():
    """SESSION_NOT_FOUND."""
    sessions.create(session())
    join("c-old")
    sessions.end(SESSION)
    with pytest.raises(Refusal) as refused:
        replace(listener("c-new"), "c-old")
    assert refused.value.code == "SESSION_NOT_FOUND"


def test_a_listener_changes_its_language_and_pauses():
    """Its place in the count stays."""
    sessions.create(session())
    join("c-1")
    membership.change_language("c-1", "fr")
    membership.set_paused("c-1", True)
    (found,) = connections.listeners(SESSION, "fr")
    assert found.isPaused
    assert count() == 1


def test_one_who_has_not_joined_has_nothing_to_change():
    """SESSION_NOT_FOUND."""
    listener("c-1")
    with pytest.raises(Refusal) as refused:
        membership.change_language("c-1", "fr")
    assert refused.value.code == "SESSION_NOT_FOUND"
