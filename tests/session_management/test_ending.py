"""A session ends at once; its listeners stay until the last of what was said before is out."""

import json
from dataclasses import replace

import pytest
from botocore.exceptions import ClientError
from broadcast import aws, ending, errands, sessions, settings, workers
from broadcast.clock import now_ms
from broadcast.items import to_item
from broadcast.sessions import Session
from session_status_handler import handler

from tests.session_management.house import SESSION, session_with

ENDED = [["sessionEnded"], ["sessionEnded"]]


def note(**attributes: int) -> None:
    """Set attributes of the session's item."""
    changes = ", ".join(f"{name} = :{name}" for name in attributes)
    aws.client("dynamodb").update_item(
        TableName=settings.sessions_table(), Key=to_item({"sessionId": SESSION}), UpdateExpression=f"SET {changes}",
        ExpressionAttributeValues=to_item({f":{name}": value for name, value in attributes.items()}),
    )  # fmt: skip


def told(posts) -> list[list[str]]:
    return [posts.told(f"listener-{number}") for number in range(2)]


@pytest.fixture
def sent(monkeypatch) -> list[tuple[dict[str, str], int]]:
    """The status handler's delayed messages and their delays in seconds, in the order in which they were sent."""
    messages: list[tuple[dict[str, str], int]] = []
    monkeypatch.setattr(errands, "_send", lambda errand, delay_s: messages.append((errand, delay_s)))
    return messages


@pytest.fixture
def started(monkeypatch) -> list[str]:
    """The sessions whose stream worker was started, in order."""
    found: list[str] = []
    monkeypatch.setattr(workers, "start", lambda session: found.append(session.sessionId))
    return found


def carry_out(what: dict[str, str]) -> None:
    handler.handler({"Records": [{"body": json.dumps(what)}]}, None)


def test_listeners_stay_while_the_worker_has_words_and_are_told_once_they_are_out(posts, sent):
    session_with(2)
    note(leaseExpiresAtMs=now_ms() + 60_000)
    ending.end_session(SESSION, reason="endedBySpeaker")
    again = {"kind": errands.LAST_WORDS, "sessionId": SESSION, "reason": "endedBySpeaker"}
    assert sent == [(again, errands.LISTEN_ON_S)]
    carry_out(again)
    assert sent == [(again, errands.LISTEN_ON_S)] * 2
    assert (told(posts), sessions.get(SESSION).is_active) == ([[], []], False)
    note(leaseExpiresAtMs=0, wordsOutAtMs=now_ms() - ending.LAST_WORDS_MS)
    carry_out(again)
    assert told(posts) == ENDED
    assert sorted(posts.closed) == ["listener-0", "listener-1"]
    assert len(sent) == 2


def test_nobody_waits_for_a_worker_that_never_was(posts):
    session_with(2)
    ending.end_session(SESSION, reason="endedBySpeaker")
    assert told(posts) == ENDED


@pytest.mark.parametrize("lease_left_ms", [60_000, -1])
def test_nobody_waits_for_words_of_a_session_in_which_nothing_was_said(posts, sent, lease_left_ms):
    """Whether its worker is alive or dead. What would see to them finds nobody, and ends."""
    session_with(2)
    note(leaseExpiresAtMs=now_ms() + lease_left_ms, audioAtMs=0)
    ending.end_session(SESSION, reason="endedBySpeaker")
    carry_out(sent[-1][0])
    assert (told(posts), len(sent)) == (ENDED, 1)


def test_listeners_and_last_words_are_seen_to_although_who_ends_the_session_is_lost_at_once(
    posts, sent, started, monkeypatch
):
    """`sandbox sim --scenario mixed --seed 8119 --speech 15 --faults all`: then its worker died as well."""
    session_with(2)
    note(leaseExpiresAtMs=now_ms() - 1)

    def lost(_queue_url: str) -> None:
        raise SystemExit

    monkeypatch.setattr(workers, "state_changed", lost)
    with pytest.raises(SystemExit):
        ending.end_session(SESSION, reason="endedBySpeaker")
    carry_out(sent[-1][0])
    assert (started, told(posts), len(sent)) == ([SESSION], [[], []], 2)


def test_an_end_that_takes_long_has_its_listeners_seen_to_again(posts, sent, monkeypatch):
    """What was to see to them may have found the session live, and has done nothing."""
    session_with(2)
    note(leaseExpiresAtMs=now_ms() + 60_000)
    end, later_ms = sessions.end, now_ms() + errands.LISTEN_ON_S * 1_000

    def slow(session_id: str, *, away_since_ms: int | None) -> Session | None:
        carry_out(sent[-1][0])
        monkeypatch.setattr(ending, "now_ms", lambda: later_ms)
        return end(session_id, away_since_ms=away_since_ms)

    monkeypatch.setattr(sessions, "end", slow)
    ending.end_session(SESSION, reason="endedBySpeaker")
    assert (told(posts), len(sent)) == ([[], []], 2)


@pytest.mark.parametrize("lease_left_ms", [60_000, -1])
def test_words_of_a_session_in_which_something_was_said_are_waited_for(posts, sent, lease_left_ms):
    """From the moment before its first chunk was accepted."""
    session_with(2)
    note(leaseExpiresAtMs=now_ms() + lease_left_ms, audioAtMs=0)
    assert sessions.note_audio(SESSION, now_ms=now_ms())
    ending.end_session(SESSION, reason="endedBySpeaker")
    assert (told(posts), len(sent)) == ([[], []], 1)


def over(at_ms: int) -> Session:
    """A session that ended then."""
    return Session(
        sessionId=SESSION, status="ended", speakerUserId="ada", speakerConnectionId="speaker-1", sourceLanguage="en",
        qualityTier="standard", queueUrl="q", callbackUrl="u", createdAtMs=at_ms, endsAtMs=at_ms, expiresAt=0,
        endedAtMs=at_ms,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("asked_for_ms", "lease_left_ms", "lacks"),
    [
        (ending.WORKER_STARTS_MS - 1, 0, False),
        (ending.WORKER_STARTS_MS, 0, True),
        (None, 0, False),
        (None, 1, False),
        (None, -1, True),
    ],
)
def test_a_session_lacks_a_worker_that_died_or_was_asked_for_and_never_began(asked_for_ms, lease_left_ms, lacks):
    """One that begins takes the lease and answers for the asking; one that leaves in good order gives the lease up."""
    now = now_ms()
    session = replace(
        over(now),
        workerAskedAtMs=0 if asked_for_ms is None else now - asked_for_ms,
        leaseExpiresAtMs=now + lease_left_ms if lease_left_ms else 0,
    )
    assert ending.lacks_worker(session, now) is lacks


def test_words_may_come_of_a_worker_that_was_asked_for_until_nobody_would_replace_it():
    """`sandbox sim --scenario farewell --seed 78 --faults queue_failed=10,call_slow=5,answer_lost=5,
    last_words_lost=1000,message_duplicated=20,message_late=20`: it died before it had the lease."""
    now = now_ms()
    ended = replace(over(now), workerAskedAtMs=now)
    assert ending.words_may_come(ended, now + ending.WORKER_STARTS_MS)
    assert ending.words_may_come(ended, now + ending.WORKER_REPLACED_MS - 1)
    assert not ending.words_may_come(ended, now + ending.WORKER_REPLACED_MS)


def test_a_worker_that_dies_with_the_last_words_is_replaced_and_waited_for(posts, sent, started):
    """No chunk comes any more that would start another; it is started once, not with each look at the listeners."""
    session_with(2)
    note(leaseExpiresAtMs=now_ms() - 1)
    ending.end_session(SESSION, reason="endedBySpeaker")
    assert (told(posts), len(sent)) == ([[], []], 1)
    for _ in range(3):
        carry_out(sent[-1][0])
    assert started == [SESSION]
    assert (told(posts), len(sent)) == ([[], []], 4)
    note(leaseExpiresAtMs=0, wordsOutAtMs=now_ms() - ending.LAST_WORDS_MS)
    carry_out(sent[-1][0])
    assert told(posts) == ENDED


def test_a_worker_that_does_not_begin_is_asked_for_again_while_there_is_time(posts, sent, started):
    """`sandbox sim --scenario mixed --seed 3061 --speech 15 --faults all`: it died before it had the lease, and
    until it counted as dead, those who listened had been sent away."""
    session_with(2)
    note(leaseExpiresAtMs=now_ms() - 1)
    ending.end_session(SESSION, reason="endedBySpeaker")
    carry_out(sent[-1][0])
    note(workerAskedAtMs=now_ms() - ending.ASKED_AGAIN_MS)
    carry_out(sent[-1][0])
    assert started == [SESSION, SESSION]
    assert told(posts) == [[], []]


def test_nobody_replaces_a_worker_long_after_the_sessions_end(posts, sent, started):
    """What it left would come too late for those who listened."""
    session_with(2)
    note(leaseExpiresAtMs=now_ms() - 1)
    ending.end_session(SESSION, reason="endedBySpeaker")
    note(endedAtMs=now_ms() - ending.WORKER_REPLACED_MS)
    carry_out(sent[-1][0])
    assert (started, told(posts)) == ([], ENDED)


def test_listeners_of_a_session_that_ends_slowly_are_looked_at_less_often(sent):
    """Sixteen messages in a row are all that Lambda lets a function send itself."""
    errands.last_words(SESSION, "ended", errands.LATER_MS - 1)
    errands.last_words(SESSION, "ended", errands.LATER_MS)
    assert [delay_s for _, delay_s in sent] == [errands.LISTEN_ON_S, errands.LISTEN_ON_LATER_S]


def test_words_that_have_just_been_sent_on_are_waited_for(posts, sent):
    session_with(2)
    note(wordsOutAtMs=now_ms() + 10_000)
    ending.end_session(SESSION, reason="endedBySpeaker")
    assert (told(posts), len(sent)) == ([[], []], 1)


def test_listeners_are_told_at_once_when_nobody_can_be_asked_to_wait(posts, monkeypatch):
    session_with(2)
    note(leaseExpiresAtMs=now_ms() + 60_000)

    def refused(*_: object) -> None:
        raise ClientError({"Error": {"Code": "ServiceUnavailable"}}, "SendMessage")

    monkeypatch.setattr(errands, "_send", refused)
    ending.end_session(SESSION, reason="endedBySpeaker")
    assert told(posts) == ENDED
