"""A speaker's commands: kept in the session, acknowledged, told to listeners and to the stream worker."""

import dataclasses

import pytest
from broadcast import aws, sessions, settings
from broadcast.errors import Refusal
from connection_handler import control

from tests.session_management.house import SESSION, caller, session_with, worker_was_told

pytestmark = pytest.mark.usefixtures("posts", "new_environment")


@pytest.fixture
def new_environment():
    """One that knows of no speaker's session."""
    control._spoken_in.cache_clear()


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


def meanwhile(monkeypatch, command):
    """Have the speaker's other command carried out between a read of the session and the write after it."""
    read, waiting = sessions.get, [command]

    def get(session_id, **how):
        found = read(session_id, **how)
        if waiting:
            control.speaker_control(caller(), {"command": waiting.pop()})
        return found

    monkeypatch.setattr(sessions, "get", get)


def test_a_resume_that_meets_a_mute_ends_no_silence(monkeypatch):
    """Of the two none knows the other: what is muted must stay so since it was paused."""
    session_with(0)
    control.speaker_control(caller(), {"command": "pause"})
    since_ms = sessions.get(SESSION).silentSinceMs
    meanwhile(monkeypatch, "mute")
    control.speaker_control(caller(), {"command": "resume"})
    session = sessions.get(SESSION)
    assert (session.isPaused, session.isMuted, session.silentSinceMs) == (False, True, since_ms)
    assert session.silences == ()


def test_a_resume_that_meets_an_unmute_ends_the_silence_once(monkeypatch):
    """Whoever is second sees that nothing is left that is silent."""
    session_with(0)
    for command in ("pause", "mute"):
        control.speaker_control(caller(), {"command": command})
    meanwhile(monkeypatch, "unmute")
    control.speaker_control(caller(), {"command": "resume"})
    session = sessions.get(SESSION)
    assert (session.isPaused, session.isMuted, session.silentSinceMs) == (False, False, None)
    assert len(session.silences) == 1


def test_a_resume_that_meets_another_command_each_time_is_refused(monkeypatch, posts):
    """It changes nothing, and the speaker may try again."""
    session_with(0)
    control.speaker_control(caller(), {"command": "pause"})
    del posts.messages[:]
    monkeypatch.setattr(sessions, "update_state", refuse)
    with pytest.raises(Refusal) as refused:
        control.speaker_control(caller(), {"command": "resume"})
    assert (refused.value.code, posts.messages) == ("SERVICE_UNAVAILABLE", [])


def refuse(*_, **__):
    raise Refusal("SESSION_NOT_FOUND", "not as wanted")


@pytest.mark.parametrize("command", [{"command": "pause"}, {"command": "mute"}, {"command": "setVolume", "volume": 1}])
def test_what_needs_no_look_at_the_session_is_one_write_once_it_is_known_which(command):
    """The write itself has the condition: only the session's own connection, and only while it is live."""
    session_with(0)
    calls: list[str] = []
    aws.client("dynamodb").meta.events.register("before-call.dynamodb", lambda model, **_: calls.append(model.name))
    for _ in range(2):
        control.speaker_control(caller(), command)
    assert calls == ["GetItem", "UpdateItem", "Query", "UpdateItem", "Query"]


@pytest.mark.parametrize("command", ["mute", "unmute", "endSession"])
def test_a_connection_that_has_opened_another_session_commands_that(posts, command):
    """What an environment remembers of the first is no more than where to look."""
    before = session_with(0)
    control.speaker_control(caller(), {"command": "setVolume", "volume": 0.5})
    sessions.end(SESSION)
    ended = sessions.get(SESSION)
    sessions.create(dataclasses.replace(before, sessionId="lucky-elm-300"))
    control.speaker_control(caller(), {"command": command})
    another = sessions.get("lucky-elm-300")
    assert (another.isMuted, another.is_active) == (command == "mute", command != "endSession")
    assert sessions.get(SESSION) == ended
    assert [one["command"] for _, one in posts.messages] == ["setVolume", command]


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
    before = session_with(1)
    sessions.take_over(SESSION, connection_id="speaker-2", callback_url="u", ends_at_ms=2**41, expires_at=2**31)
    for fields in ({"command": "mute"}, {"command": "unmute"}, {"command": "setVolume", "volume": 0.5}):
        with pytest.raises(Refusal) as refused:
            control.speaker_control(caller(), fields)
        assert refused.value.code == "UNAUTHORIZED_ACTION"
    session = sessions.get(SESSION)
    assert (posts.messages, session.broadcast_state()) == ([], before.broadcast_state())
    assert (session.silentSinceMs, worker_was_told(before)) == (None, 0)


@pytest.mark.parametrize("command", ["mute", "unmute", "endSession"])
def test_a_session_that_has_ended_obeys_no_command(posts, command):
    """Whether its speaker's marker is there still or not."""
    session = session_with(0)
    sessions.update_state(SESSION, {"status": sessions.ENDED})
    for marked in (True, False):
        if not marked:
            aws.client("dynamodb").delete_item(
                TableName=settings.sessions_table(), Key={"sessionId": {"S": f"speaker#{session.speakerUserId}"}}
            )
        with pytest.raises(Refusal) as refused:
            control.speaker_control(caller(), {"command": command})
        assert refused.value.code == "SESSION_NOT_FOUND"
    assert posts.messages == []
