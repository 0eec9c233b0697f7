"""Sessions in DynamoDB. Every change is conditional, so that repeats and races change nothing twice.

Beside each session's item stands its speaker's marker, `speaker#USER`, which names the one live session of that user.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from broadcast import aws, settings
from broadcast.connections import ConnectionRecord
from broadcast.errors import Refusal
from broadcast.items import from_item, to_item

ACTIVE, ENDED = "active", "ended"


@dataclass(frozen=True, kw_only=True)
class Session:
    """One session's item, less what the stream worker keeps in it for itself."""

    sessionId: str  # noqa: N815 - the table's own names, here and below
    status: str
    speakerUserId: str  # noqa: N815
    speakerConnectionId: str  # noqa: N815
    sourceLanguage: str  # noqa: N815
    qualityTier: str  # noqa: N815
    queueUrl: str  # noqa: N815
    callbackUrl: str  # noqa: N815
    createdAtMs: int  # noqa: N815
    expiresAt: int  # noqa: N815
    listenerCount: int = 0  # noqa: N815
    isPaused: bool = False  # noqa: N815
    isMuted: bool = False  # noqa: N815
    volume: float = 1.0
    speakerDisconnectedAtMs: int | None = None  # noqa: N815
    partialResults: Mapping[str, Any] = field(default_factory=dict)  # noqa: N815
    leaseExpiresAtMs: int = 0  # noqa: N815

    @property
    def is_active(self) -> bool:
        return self.status == ACTIVE

    def broadcast_state(self) -> dict[str, Any]:
        """The contract's `broadcastState`."""
        return {"isPaused": self.isPaused, "isMuted": self.isMuted, "volume": self.volume}


_NAMES = {one.name for one in fields(Session)}


def _session(item: Mapping[str, Any]) -> Session:
    return Session(**{name: value for name, value in from_item(item).items() if name in _NAMES})


def _key(session_id: str) -> dict[str, Any]:
    return to_item({"sessionId": session_id})


def get(session_id: str, *, consistent: bool = True) -> Session | None:
    """The session, or None."""
    found = aws.client("dynamodb").get_item(
        TableName=settings.sessions_table(), Key=_key(session_id), ConsistentRead=consistent
    )
    return _session(found["Item"]) if "Item" in found else None


def of_speaker(user_id: str) -> Session | None:
    """The one live session that the user's marker names, or None."""
    found = aws.client("dynamodb").get_item(
        TableName=settings.sessions_table(), Key=_key(f"speaker#{user_id}"), ConsistentRead=True
    )
    return get(from_item(found["Item"])["currentSessionId"]) if "Item" in found else None


def live() -> list[Session]:
    """Every live session; a scan, for the minute's rule alone."""
    pages = (
        aws.client("dynamodb")
        .get_paginator("scan")
        .paginate(
            TableName=settings.sessions_table(),
            FilterExpression="#status = :active",
            ExpressionAttributeNames={"#status": "status"},
            ExpressionAttributeValues=to_item({":active": ACTIVE}),
        )
    )
    return [_session(item) for page in pages for item in page["Items"]]


def create(session: Session) -> bool:
    """Write a new session and its speaker's marker; False when the id is taken.

    Raises Refusal MAX_SESSIONS_EXCEEDED when the speaker has a live session.
    """
    table, dynamodb = settings.sessions_table(), aws.client("dynamodb")
    item = to_item({name: getattr(session, name) for name in _NAMES})
    marker = to_item(
        {
            "sessionId": f"speaker#{session.speakerUserId}",
            "currentSessionId": session.sessionId,
            "expiresAt": session.expiresAt,
        }
    )
    try:
        dynamodb.transact_write_items(
            TransactItems=[
                {
                    "Put": {
                        "TableName": table,
                        "Item": item,
                        "ConditionExpression": "attribute_not_exists(sessionId)",
                    }
                },
                {
                    "Put": {
                        "TableName": table,
                        "Item": marker,
                        "ConditionExpression": "attribute_not_exists(sessionId) OR expiresAt < :now",
                        "ExpressionAttributeValues": to_item({":now": session.createdAtMs // 1000}),
                    }
                },
            ]
        )
    except dynamodb.exceptions.TransactionCanceledException as error:
        reasons = [reason.get("Code") for reason in error.response["CancellationReasons"]]
        if reasons[1] == "ConditionalCheckFailed":
            raise Refusal(
                "MAX_SESSIONS_EXCEEDED", "expected no other live session of this speaker, there is one: end it first"
            ) from None
        if reasons[0] == "ConditionalCheckFailed":
            return False
        raise
    return True


def join(connection: ConnectionRecord, session_id: str, language: str, *, limit: int) -> None:
    """Put a listener in the session and count it, both or neither; joining again counts nothing.

    Raises Refusal SESSION_FULL at the limit and SESSION_NOT_FOUND for a session that has ended.
    """
    dynamodb = aws.client("dynamodb")
    try:
        dynamodb.transact_write_items(
            TransactItems=[
                {
                    "Update": {
                        "TableName": settings.connections_table(),
                        "Key": to_item({"connectionId": connection.connectionId}),
                        "UpdateExpression": "SET sessionId = :session, targetLanguage = :language",
                        "ConditionExpression": "attribute_exists(connectionId)"
                        " AND attribute_not_exists(targetLanguage)",
                        "ExpressionAttributeValues": to_item({":session": session_id, ":language": language}),
                    }
                },
                {
                    "Update": {
                        "TableName": settings.sessions_table(),
                        "Key": _key(session_id),
                        "UpdateExpression": "SET listenerCount = listenerCount + :one",
                        "ConditionExpression": "#status = :active AND listenerCount < :limit",
                        "ExpressionAttributeNames": {"#status": "status"},
                        "ExpressionAttributeValues": to_item({":one": 1, ":active": ACTIVE, ":limit": limit}),
                    }
                },
            ]
        )
    except dynamodb.exceptions.TransactionCanceledException as error:
        reasons = [reason.get("Code") for reason in error.response["CancellationReasons"]]
        if reasons[1] == "ConditionalCheckFailed":
            session = get(session_id)
            if session is None or not session.is_active:
                raise Refusal("SESSION_NOT_FOUND", f"expected a live session, {session_id} is none") from None
            raise Refusal("SESSION_FULL", f"expected fewer than {limit} listeners, the session is full") from None
        if reasons[0] != "ConditionalCheckFailed":
            raise


def leave(connection_id: str) -> ConnectionRecord | None:
    """Remove a connection and, where it had joined, count it out, both or neither; a second time does nothing."""
    dynamodb = aws.client("dynamodb")
    table = settings.connections_table()
    found = dynamodb.get_item(TableName=table, Key=to_item({"connectionId": connection_id}), ConsistentRead=True)
    if "Item" not in found:
        return None
    record = ConnectionRecord(**from_item(found["Item"]))
    remove = {
        "TableName": table,
        "Key": to_item({"connectionId": connection_id}),
        "ConditionExpression": "attribute_exists(connectionId)",
    }
    actions: list[dict[str, Any]] = [{"Delete": remove}]
    if record.targetLanguage is not None and record.sessionId is not None:
        count_out = {
            "TableName": settings.sessions_table(),
            "Key": _key(record.sessionId),
            "UpdateExpression": "SET listenerCount = listenerCount - :one",
            "ConditionExpression": "listenerCount >= :one",
            "ExpressionAttributeValues": to_item({":one": 1}),
        }
        actions.append({"Update": count_out})
    try:
        dynamodb.transact_write_items(TransactItems=actions)
    except dynamodb.exceptions.TransactionCanceledException as error:
        reasons = [reason.get("Code") for reason in error.response["CancellationReasons"]]
        if reasons[0] == "ConditionalCheckFailed":
            return None
        if len(reasons) > 1 and reasons[1] == "ConditionalCheckFailed":
            dynamodb.delete_item(TableName=table, Key=to_item({"connectionId": connection_id}))
            return record
        raise
    return record


def update_state(session_id: str, changes: Mapping[str, Any]) -> Session:
    """Set broadcast state of a live session; returns it as it is then. Raises Refusal SESSION_NOT_FOUND."""
    dynamodb = aws.client("dynamodb")
    names = {f"#{name}": name for name in changes} | {"#status": "status"}
    try:
        updated = dynamodb.update_item(
            TableName=settings.sessions_table(),
            Key=_key(session_id),
            UpdateExpression="SET " + ", ".join(f"#{name} = :{name}" for name in changes),
            ConditionExpression="#status = :active",
            ExpressionAttributeNames=names,
            ExpressionAttributeValues=to_item(
                {f":{name}": value for name, value in changes.items()} | {":active": ACTIVE}
            ),
            ReturnValues="ALL_NEW",
        )
    except dynamodb.exceptions.ConditionalCheckFailedException:
        raise Refusal("SESSION_NOT_FOUND", f"expected a live session, {session_id} is none") from None
    return _session(updated["Attributes"])


def end(session_id: str) -> Session | None:
    """End a live session and free its speaker; None when it had ended already, so that one caller alone tells
    everybody."""
    try:
        session = update_state(session_id, {"status": ENDED})
    except Refusal:
        return None
    dynamodb = aws.client("dynamodb")
    try:
        dynamodb.delete_item(
            TableName=settings.sessions_table(),
            Key=_key(f"speaker#{session.speakerUserId}"),
            ConditionExpression="currentSessionId = :session",
            ExpressionAttributeValues=to_item({":session": session_id}),
        )
    except dynamodb.exceptions.ConditionalCheckFailedException:
        return session
    return session
