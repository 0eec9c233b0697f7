"""Sessions and their listeners: every change is conditional, so repeats and races change nothing twice."""

import dataclasses

import pytest
from broadcast import connections, sessions
from broadcast.connections import ConnectionRecord
from broadcast.errors import Refusal
from broadcast.sessions import ACTIVE, Session

pytestmark = pytest.mark.usefixtures("tables")


def session(session_id: str = "golden-eagle-427", user: str = "ada", *, expires_at: int = 2_000_000_000) -> Session:
    return Session(
        sessionId=session_id, status=ACTIVE, speakerUserId=user, speakerConnectionId="c-speaker", sourceLanguage="en",
        qualityTier="standard", queueUrl="q", callbackUrl="https://x/prod", createdAtMs=1_800_000_000_000,
        expiresAt=expires_at,
    )  # fmt: skip


def listener(connection_id: str) -> ConnectionRecord:
    record = ConnectionRecord(
        connectionId=connection_id, role="listener", userId="anonymous", callbackUrl="https://x/prod", connectedAtMs=1,
        ttl=2,
    )  # fmt: skip
    connections.put(record)
    return record


def join(connection_id: str, *, limit: int = 500) -> None:
    sessions.join(listener(connection_id), "golden-eagle-427", "es", limit=limit)


def count() -> int:
    found = sessions.get("golden-eagle-427")
    assert found is not None
    return found.listenerCount


def code_of(act) -> str:
    with pytest.raises(Refusal) as refused:
        act()
    return refused.value.code


def test_a_session_is_read_as_it_was_written():
    """Floats and maps too."""
    made = dataclasses.replace(session(), volume=0.5, partialResults={"enabled": True, "minStabilityThreshold": 0.7})
    assert sessions.create(made)
    assert sessions.get("golden-eagle-427") == made
    assert sessions.of_speaker("ada") == made


def test_an_id_that_is_taken_is_not_taken_again():
    """The caller draws another."""
    assert sessions.create(session())
    assert not sessions.create(session(user="bob"))


def test_a_speaker_has_one_live_session_until_it_ends_or_expires():
    """MAX_SESSIONS_EXCEEDED; an expired marker does not count."""
    sessions.create(session())
    assert code_of(lambda: sessions.create(session("silver-fox-100"))) == "MAX_SESSIONS_EXCEEDED"
    sessions.end("golden-eagle-427")
    assert sessions.create(session("silver-fox-100", expires_at=1_700_000_000))
    assert sessions.create(session("crimson-owl-200"))


def test_a_join_counts_once_however_often_it_is_said():
    """The record and the count change together or not at all."""
    sessions.create(session())
    record = listener("c-1")
    for _ in range(3):
        sessions.join(record, "golden-eagle-427", "es", limit=500)
    assert count() == 1
    assert [one.connectionId for one in connections.listeners("golden-eagle-427", "es")] == ["c-1"]


def test_a_full_session_takes_nobody_more():
    """At the limit, and one past it; the refused listener is not in the index."""
    sessions.create(session())
    join("c-1", limit=2)
    join("c-2", limit=2)
    assert code_of(lambda: join("c-3", limit=2)) == "SESSION_FULL"
    assert count() == 2
    assert len(connections.listeners("golden-eagle-427")) == 2


def test_leaving_twice_counts_once_and_never_below_zero():
    """`$disconnect` may come twice, or for a connection that never joined."""
    sessions.create(session())
    join("c-1")
    listener("c-2")
    for connection_id in ("c-1", "c-1", "c-2", "c-2", "nobody"):
        sessions.leave(connection_id)
    assert count() == 0
    assert connections.get("c-1") is None
    assert connections.get("c-2") is None


def test_a_session_ends_once():
    """One caller alone tells everybody; afterwards nobody joins and nothing changes."""
    sessions.create(session())
    assert sessions.end("golden-eagle-427") is not None
    assert sessions.end("golden-eagle-427") is None
    assert code_of(lambda: join("c-1")) == "SESSION_NOT_FOUND"
    assert code_of(lambda: sessions.update_state("golden-eagle-427", {"isPaused": True})) == "SESSION_NOT_FOUND"
    assert sessions.live() == []


def test_broadcast_state_is_kept_in_the_session():
    """And only that of a live one."""
    sessions.create(session())
    changed = sessions.update_state("golden-eagle-427", {"isPaused": True, "volume": 0.25})
    assert changed.broadcast_state() == {"isPaused": True, "isMuted": False, "volume": 0.25}


def test_a_speaker_is_never_in_the_listeners_index():
    """Its record has a session and no language."""
    sessions.create(session())
    listener("c-speaker")
    connections.set_session("c-speaker", "golden-eagle-427")
    assert connections.listeners("golden-eagle-427") == []
