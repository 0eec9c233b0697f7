"""A session with listeners, as the handlers find it in the tables."""

from broadcast import aws, connections, queues, sessions
from broadcast.clock import now_ms
from broadcast.connections import ConnectionRecord
from broadcast.events import Caller
from broadcast.sessions import ACTIVE, Session

SESSION = "calm-otter-123"
URL = "https://api.example/prod"


def caller(connection_id: str = "speaker-1", *, role: str = "speaker", user: str = "ada") -> Caller:
    return Caller(
        connection_id=connection_id, request_id="r", role=role, user_id=user, callback_url=URL, source_ip="127.0.0.1"
    )


def connected(connection_id: str, *, role: str) -> ConnectionRecord:
    now = now_ms()
    record = ConnectionRecord(
        connectionId=connection_id, role=role, userId="u", callbackUrl=URL, connectedAtMs=now, lastSeenAtMs=now,
        ttl=now // 1000 + 100,
    )  # fmt: skip
    connections.put(record)
    return record


def session_with(listeners: int) -> Session:
    """A live session, its queue, its speaker's connection, and listeners `listener-0` and on."""
    now = now_ms()
    made = Session(
        sessionId=SESSION, status=ACTIVE, speakerUserId="ada", speakerConnectionId="speaker-1", sourceLanguage="en",
        qualityTier="standard", queueUrl=queues.create("test", SESSION), callbackUrl=URL, createdAtMs=now,
        endsAtMs=now + 7_200_000, expiresAt=now // 1000 + 50_000,
    )  # fmt: skip
    sessions.create(made)
    connected("speaker-1", role="speaker")
    connections.set_session("speaker-1", SESSION)
    for number in range(listeners):
        record = connected(f"listener-{number}", role="listener")
        sessions.join(record, SESSION, "es" if number % 2 else "fr", limit=500)
    return made


def worker_was_told(session: Session) -> int:
    """How many messages in the session's queue say that its state has changed."""
    answer = aws.client("sqs").receive_message(QueueUrl=session.queueUrl, MaxNumberOfMessages=10)
    return sum(queues.STATE_CHANGED in message["Body"] for message in answer.get("Messages", ()))
