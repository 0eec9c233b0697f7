"""A speaker's commands: kept in the session, acknowledged, told to listeners and to the stream worker."""

import pytest
from broadcast import sessions
from broadcast.errors import Refusal
from connection_handler import control

from tests.session_management.house import SESSION, caller, session_with, worker_was_told

pytestmark = pytest.mark.usefixtures("posts")


@pytest.mark.parametrize(
    ("fields", "state", "told"),
    [
        ({"command": "pause"}, {"isPaused": True, "isMuted": False, "volume": 1.0}, "broadcastPaused"),
        ({"command": "resume"}, {"isPaused": False, "isMuted": False, "volume": 1.0}, "broadcastResumed"),
        ({"command": "mute"}, {"isPaused": False, "isMuted": True, "volume": 1.0}, "broadcastMuted"),
        ({"command": "unmute"}, {"isPaused": False, "isMuted": False, "volume": 1.0}, "broadcastUnmuted"),
        ({"command": "setVolume", "volume": 0.25}, {"isPaused": False, "isMuted": False, "volume": 0.25},
         "volumeChanged"),
    ],
)  # fmt: skip
def test_a_command_is_kept_acknowledged_and_told(posts, fields, state, told):
    """To every listener once, and to the worker."""
    session = session_with(5)
    control.speaker_control(caller(), fields)
    assert posts.messages[0] == ("speaker-1", {"type": "speakerControlAck", "command": fields["command"],
                                               "broadcastState": state})  # fmt: skip
    news = {"type": told, "sessionId": SESSION, "broadcastState": state}
    assert sorted(to for to, message in posts.messages if message == news) == [f"listener-{n}" for n in range(5)]
    assert sessions.get(SESSION).broadcast_state() == state
    assert worker_was_told(session) == 1


def test_the_time_is_noted_when_sound_stops_or_begins_again_and_not_otherwise(monkeypatch):
    """A second unmute must not move the first's time, or what was said between them would be silent."""
    session_with(0)
    seen = []
    for number, command in enumerate(["mute", "mute", "pause", "unmute", "unmute", "resume", "resume"]):
        monkeypatch.setattr(control, "now_ms", lambda at=100 + number: at)
        control.speaker_control(caller(), {"command": command})
        session = sessions.get(SESSION)
        seen.append((session.silentSinceMs, session.silences))
    assert seen == [*[(100, ())] * 5, *[(None, ((100, 105),))] * 2]


def test_the_last_pauses_are_kept_for_a_worker_that_hears_their_audio_later(monkeypatch):
    """As many as its lag can hold."""
    session_with(0)
    for number in range(10):
        for command, at_ms in (("pause", 1_000 * number), ("resume", 1_000 * number + 400)):
            monkeypatch.setattr(control, "now_ms", lambda at=at_ms: at)
            control.speaker_control(caller(), {"command": command})
    kept = tuple((1_000 * number, 1_000 * number + 400) for number in range(2, 10))
    assert sessions.get(SESSION).silences == kept
    assert len(kept) == control.SILENCES_KEPT


def test_the_end_is_told_to_everyone_whose_connection_is_then_closed(posts):
    """Counted out, the worker told, and the speaker acknowledged first."""
    session = session_with(5)
    control.speaker_control(caller(), {"command": "endSession"})
    assert posts.messages[0][1]["type"] == "speakerControlAck"
    assert sorted(posts.closed) == [f"listener-{n}" for n in range(5)]
    assert all(posts.told(f"listener-{n}") == ["sessionEnded"] for n in range(5))
    ended = sessions.get(SESSION)
    assert (ended.status, ended.listenerCount) == ("ended", 0)
    assert worker_was_told(session) == 1


def test_a_connection_that_was_replaced_commands_nothing(posts):
    """Even when it is replaced between the look and the change."""
    session_with(1)
    sessions.take_over(SESSION, connection_id="speaker-2", callback_url="u", ends_at_ms=2**41, expires_at=2**31)
    with pytest.raises(Refusal) as refused:
        control.speaker_control(caller(), {"command": "mute"})
    assert refused.value.code == "UNAUTHORIZED_ACTION"
    assert (posts.messages, sessions.get(SESSION).isMuted) == ([], False)
