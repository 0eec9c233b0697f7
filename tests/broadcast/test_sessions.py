"""Sessions and their listeners: every change is conditional, so repeats and races change nothing twice."""

import dataclasses

import pytest
from broadcast import connections, sessions
from broadcast.connections import ConnectionRecord
from broadcast.errors import Refusal
from broadcast.sessions import ACTIVE, Session

pytestmark = pytest.mark.usefixtures("tables")


def session(session_id: str = "golden-eagle-427", user: str = "ada", *, ends_at_ms: int = 2_000_000_000_000) -> Session:
    return Session(
        sessionId=session_id, status=ACTIVE, speakerUserId=user, speakerConnectionId="c-speaker", sourceLanguage="en",
        qualityTier="standard", queueUrl="q", callbackUrl="https://x/prod", createdAtMs=1_800_000_000_000,
        endsAtMs=ends_at_ms, expiresAt=ends_at_ms // 1000,
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
    assert sessions.create(session("silver-fox-100", ends_at_ms=1_700_000_000_000))
    assert sessions.create(session("crimson-owl-200"))


def test_a_speaker_is_free_whose_session_was_ended_by_one_that_was_lost_before_it_said_so():
    """`sandbox sim --scenario mixed --seed 2092 --speech 15 --faults all`: no session could be begun for two hours."""
    sessions.create(session())
    sessions.update_state("golden-eagle-427", {"status": sessions.ENDED})
    assert sessions.create(session("silver-fox-100"))
    assert sessions.of_speaker("ada") == session("silver-fox-100")


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


def test_a_first_chunk_is_noted_once_and_only_of_a_live_session():
    """One environment alone is first; a session that has ended stays as it ended."""
    made = dataclasses.replace(session(), audioAtMs=0)
    sessions.create(made)
    assert [sessions.note_audio("golden-eagle-427", now_ms=at) for at in (10, 20)] == [True, False]
    assert sessions.get("golden-eagle-427") == dataclasses.replace(made, audioAtMs=10)
    another = dataclasses.replace(session("silver-fox-100", user="bob"), audioAtMs=0)
    sessions.create(another)
    sessions.end("silver-fox-100")
    assert not sessions.note_audio("silver-fox-100", now_ms=30)


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


def test_a_late_disconnect_of_a_replaced_connection_marks_nothing():
    """The refresh came first: the session has another connection."""
    sessions.create(session())
    sessions.take_over(
        "golden-eagle-427", connection_id="c-new", callback_url="https://y/prod", ends_at_ms=1, expires_at=2
    )
    assert not sessions.mark_away("golden-eagle-427", "c-speaker", 5)
    assert sessions.mark_away("golden-eagle-427", "c-new", 6)


def test_a_speaker_who_came_back_keeps_the_session():
    """The end that was put off for an absence finds another absence, or none."""
    sessions.create(session())
    sessions.mark_away("golden-eagle-427", "c-speaker", 5)
    sessions.take_over(
        "golden-eagle-427", connection_id="c-new", callback_url="https://y/prod", ends_at_ms=1, expires_at=2
    )
    assert sessions.end("golden-eagle-427", away_since_ms=5) is None
    found = sessions.get("golden-eagle-427")
    assert found is not None and found.is_active and found.speakerDisconnectedAtMs is None
    assert (found.speakerConnectionId, found.callbackUrl, found.endsAtMs) == ("c-new", "https://y/prod", 1)
    sessions.mark_away("golden-eagle-427", "c-new", 9)
    assert sessions.end("golden-eagle-427", away_since_ms=9) is not None


def test_one_status_at_a_time_is_asked_for():
    """Until it is sent, or its time has passed and its message was lost."""
    sessions.create(session())
    asked = [sessions.ask_for_status("golden-eagle-427", now_ms=at, due_at_ms=at + 2000) for at in (10, 20, 2010, 2020)]
    assert asked == [True, False, True, False]


def test_one_worker_at_a_time_is_asked_for():
    """Until it has had its time to come; and none for a session that has ended."""
    sessions.create(session())

    def ask(at_ms: int) -> bool:
        return sessions.ask_for_worker("golden-eagle-427", now_ms=at_ms, patience_ms=3_000)

    assert [ask(at) for at in (5_000, 5_000, 7_999, 8_000, 8_001)] == [True, False, False, True, False]
    sessions.end("golden-eagle-427")
    assert not ask(60_000)


def test_the_queue_of_an_ended_session_is_left_until_it_is_noted_as_removed():
    """Not while a worker's lease runs, and not before its time."""
    sessions.create(session())
    sessions.end("golden-eagle-427")
    far_ms = 4_000_000_000_000
    assert sessions.left_queues(ended_before_ms=0, now_ms=far_ms) == []
    assert [one.sessionId for one in sessions.left_queues(ended_before_ms=far_ms, now_ms=far_ms)] == [
        "golden-eagle-427"
    ]
    sessions.note_queue_removed("golden-eagle-427", 5)
    assert sessions.left_queues(ended_before_ms=far_ms, now_ms=far_ms) == []
