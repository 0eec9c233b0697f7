"""A listener's commands: one write of its own record, the answer, and then its speaker's news of the audience."""

import pytest
from broadcast import aws, connections, errands
from broadcast.errors import Refusal
from connection_handler import listen_control

from tests.session_management.house import SESSION, caller, connected, session_with

pytestmark = pytest.mark.usefixtures("posts")


@pytest.fixture
def changed(monkeypatch, posts) -> list[tuple[str, int]]:
    """The sessions whose audience was told to have changed, with how much was posted before."""
    seen: list[tuple[str, int]] = []
    monkeypatch.setattr(errands, "audience_changed", lambda session_id: seen.append((session_id, len(posts.messages))))
    return seen


@pytest.fixture
def calls() -> list[str]:
    """The calls of DynamoDB, by name."""
    made: list[str] = []
    aws.client("dynamodb").meta.events.register("before-call.dynamodb", lambda model, **_: made.append(model.name))
    return made


def listens(**fields: str) -> None:
    listen_control.listener_control(caller("listener-0", role="listener"), fields)


@pytest.mark.parametrize(
    ("command", "paused"), [("pause", True), ("resume", False)],
)  # fmt: skip
def test_a_pause_is_one_write_and_its_answer(posts, changed, calls, command, paused):
    """Nobody else is told: the audience is the same."""
    session_with(1)
    del calls[:]
    listens(command=command)
    assert calls == ["UpdateItem"]
    assert posts.messages == [
        ("listener-0", {"type": "listenerControlAck", "command": command, "isPaused": paused})
    ]  # fmt: skip
    assert (connections.get("listener-0").isPaused, changed) == (paused, [])


def test_a_change_of_language_is_answered_before_the_speaker_is_to_be_told(posts, changed, calls):
    """Of a listener who waits for the answer, the news of the audience can wait."""
    session_with(1)
    del calls[:]
    listens(command="changeLanguage", targetLanguage="it")
    assert calls == ["UpdateItem"]
    assert posts.messages == [
        ("listener-0", {"type": "listenerControlAck", "command": "changeLanguage", "targetLanguage": "it"})
    ]
    assert changed == [(SESSION, 1)]
    assert [one.connectionId for one in connections.listeners(SESSION, "it")] == ["listener-0"]


@pytest.mark.parametrize(
    ("who", "fields", "code"),
    [
        ("not-joined", {"command": "pause"}, "SESSION_NOT_FOUND"),
        ("not-joined", {"command": "changeLanguage", "targetLanguage": "fr"}, "SESSION_NOT_FOUND"),
        ("nobody", {"command": "resume"}, "SESSION_NOT_FOUND"),
        ("listener-0", {"command": "changeLanguage", "targetLanguage": "xx"}, "UNSUPPORTED_LANGUAGE"),
        ("listener-0", {"command": "endSession"}, "INVALID_PARAMETER"),
    ],
)
def test_what_cannot_be_carried_out_changes_nothing(posts, changed, who, fields, code):
    """A connection without a record gets none."""
    session_with(1)
    connected("not-joined", role="listener")
    before = [connections.get(one) for one in ("listener-0", "not-joined", "nobody")]
    with pytest.raises(Refusal) as refused:
        listen_control.listener_control(caller(who, role="listener"), fields)
    assert refused.value.code == code
    assert [connections.get(one) for one in ("listener-0", "not-joined", "nobody")] == before
    assert (posts.messages, changed) == ([], [])


def test_a_speaker_is_no_listener():
    """UNAUTHORIZED_ACTION, before anything is looked at."""
    with pytest.raises(Refusal) as refused:
        listen_control.listener_control(caller(), {"command": "pause"})
    assert refused.value.code == "UNAUTHORIZED_ACTION"
