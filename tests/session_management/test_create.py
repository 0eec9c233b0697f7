"""A session's id is free, and its queue usable, before its speaker is told."""

import random

import pytest
from broadcast import aws, connections, queues, session_ids, sessions, workers
from broadcast.errors import Refusal
from connection_handler import create

from tests.session_management.house import SESSION, caller, connected, session_with

pytestmark = pytest.mark.usefixtures("posts")


@pytest.fixture(autouse=True)
def no_worker(monkeypatch):
    monkeypatch.setattr(workers, "start", lambda _: None)


def drawing(monkeypatch, ids: list[str]) -> list[str]:
    """Have these ids drawn; returns what is left of them."""
    monkeypatch.setattr(session_ids, "draw", lambda _: ids.pop(0))
    return ids


def test_an_id_that_is_taken_is_drawn_again(monkeypatch, posts):
    """And the other session's queue is left alone."""
    other = session_with(0)
    connected("speaker-2", role="speaker")
    drawing(monkeypatch, [SESSION] * 9 + ["bold-wolf-100"])
    create.create_session(caller("speaker-2", user="bob"), {"sourceLanguage": "en"})
    assert posts.messages[-1][1]["sessionId"] == "bold-wolf-100"
    assert sessions.get(SESSION) == other
    aws.client("sqs").send_message(QueueUrl=other.queueUrl, MessageBody="still there")


def test_after_ten_taken_ids_the_speaker_is_asked_to_come_again(monkeypatch):
    """Bounded, and nothing of it stays."""
    session_with(0)
    connected("speaker-2", role="speaker")
    left = drawing(monkeypatch, [SESSION] * 11)
    with pytest.raises(Refusal) as refused:
        create.create_session(caller("speaker-2", user="bob"), {"sourceLanguage": "en"})
    assert (refused.value.code, len(left)) == ("SERVICE_UNAVAILABLE", 1)
    assert connections.get("speaker-2").sessionId is None


def test_a_second_live_session_is_refused_and_leaves_no_queue(monkeypatch):
    """The queue that was made for it goes with it."""
    session_with(0)
    drawing(monkeypatch, ["bold-wolf-100"])
    with pytest.raises(Refusal) as refused:
        create.create_session(caller(), {"sourceLanguage": "en"})
    assert refused.value.code == "MAX_SESSIONS_EXCEEDED"
    names = aws.client("sqs").list_queues(QueueNamePrefix=queues.queue_name("test", "bold")).get("QueueUrls", [])
    assert names == []


def test_more_sessions_than_an_hour_allows_are_refused(monkeypatch):
    """Fifty and a spare, by user."""
    monkeypatch.setenv("RATE_LIMIT_SESSIONS_PER_HOUR", "2")
    for number in range(4):
        connected("speaker-1", role="speaker")
        drawing(monkeypatch, [f"bold-wolf-10{number}"])
        if number == 3:
            with pytest.raises(Refusal) as refused:
                create.create_session(caller(), {"sourceLanguage": "en"})
            assert (refused.value.code, refused.value.details) == (
                "RATE_LIMIT_EXCEEDED", {"limit": 2, "windowMs": 3_600_000},
            )  # fmt: skip
            return
        create.create_session(caller(), {"sourceLanguage": "en"})
        sessions.end(f"bold-wolf-10{number}")


def test_ids_are_drawn_from_at_least_a_hundred_adjectives_and_nouns():
    """Each word once, and every id as it is read out."""
    for words in (session_ids.ADJECTIVES, session_ids.NOUNS):
        assert len(words) == len(set(words)) >= 100
    drawn = [session_ids.draw(random.Random(seed)) for seed in range(200)]
    assert all(map(session_ids.is_well_formed, drawn))
