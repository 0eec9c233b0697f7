"""What a lost $disconnect, an end that was cut short or a dead worker left behind is removed by the minute's rule."""

from dataclasses import replace

import pytest
from botocore.exceptions import ClientError
from broadcast import aws, connections, queues, sessions
from broadcast.clock import now_ms
from broadcast.sessions import Session
from session_status_handler import tidying

from tests.session_management.house import SESSION, session_with, worker_was_told

pytestmark = pytest.mark.usefixtures("posts")


def live() -> Session:
    session = sessions.get(SESSION)
    assert session is not None
    return session


def later(monkeypatch, by_ms: int) -> None:
    at = now_ms() + by_ms
    monkeypatch.setattr(tidying, "now_ms", lambda: at)


def test_listeners_whose_disconnect_was_lost_are_counted_out(monkeypatch, posts):
    """Those that are only quiet stay."""
    session_with(3)
    posts.gone = {"listener-1"}
    later(monkeypatch, tidying.QUIET_MS + 1)
    tidying.repair(live())
    assert sessions.get(SESSION).listenerCount == 2
    assert {one.connectionId for one in connections.listeners(SESSION)} == {"listener-0", "listener-2"}


def test_a_speaker_whose_disconnect_was_lost_is_away_from_then_on(posts):
    """Its grace begins when it is noticed."""
    session_with(0)
    posts.gone = {"speaker-1"}
    tidying.repair(live())
    assert sessions.get(SESSION).speakerDisconnectedAtMs is not None


def test_an_end_that_was_cut_short_is_finished(monkeypatch, posts):
    """Listeners who were not told are told, and the queue that no worker removed is removed."""
    session = session_with(2)
    sessions.end(SESSION)
    tidying.finish_ended()
    assert posts.messages == []
    later(monkeypatch, tidying.QUEUE_LEFT_MS + 1_000)
    tidying.finish_ended()
    assert [posts.told(f"listener-{n}") for n in range(2)] == [["sessionEnded"], ["sessionEnded"]]
    assert (connections.listeners(SESSION), sessions.get(SESSION).listenerCount) == ([], 0)
    with pytest.raises(ClientError, match="NonExistentQueue"):
        worker_was_told(session)
    tidying.finish_ended()
    assert len(posts.messages) == 2


def exists(queue_name: str) -> bool:
    try:
        aws.client("sqs").get_queue_url(QueueName=queue_name)
    except ClientError:
        return False
    return True


def test_a_queue_whose_session_was_never_written_down_is_deleted(monkeypatch):
    """After five minutes; a live session's, an ended one's and another environment's stay."""
    unknown = "brave-owl-200"
    ended = replace(session_with(0), sessionId="lucky-elm-300", speakerUserId="another")
    assert sessions.create(ended)
    sessions.end(ended.sessionId)
    others = [("test", SESSION), ("test", ended.sessionId), ("test-eu", unknown)]
    for environment, session_id in (*others, ("test", unknown)):
        queues.create(environment, session_id)
    tidying.delete_unknown_queues([live()])
    assert exists(queues.queue_name("test", unknown))
    later(monkeypatch, tidying.QUEUE_UNKNOWN_MS + 1_000)
    tidying.delete_unknown_queues([live()])
    assert not exists(queues.queue_name("test", unknown))
    assert all(exists(queues.queue_name(*other)) for other in others)
