"""The records of open connections.

A listener is in the index `sessionId-targetLanguage-index` from its join to its end, and only then; a speaker never.
"""

from dataclasses import asdict, dataclass
from typing import Any

from broadcast import aws, settings
from broadcast.items import from_item, to_item

INDEX = "sessionId-targetLanguage-index"
LIFETIME_S = 3 * 3600
"""API Gateway ends a connection after two hours; the record outlives it a little, in case its end is never told."""


@dataclass(frozen=True, kw_only=True)
class ConnectionRecord:
    """One connection. `sessionId` and `targetLanguage` are set when it has joined (listener) or created (speaker)."""

    connectionId: str  # noqa: N815 - the table's own names, here and below
    role: str
    userId: str  # noqa: N815
    callbackUrl: str  # noqa: N815
    connectedAtMs: int  # noqa: N815
    ttl: int
    sessionId: str | None = None  # noqa: N815
    targetLanguage: str | None = None  # noqa: N815
    isPaused: bool = False  # noqa: N815
    lastSeenAtMs: int = 0  # noqa: N815


def put(record: ConnectionRecord) -> None:
    """Write the record; writing it twice is harmless."""
    aws.client("dynamodb").put_item(TableName=settings.connections_table(), Item=to_item(asdict(record)))


def get(connection_id: str, *, quick: bool = False) -> ConnectionRecord | None:
    """The record, read consistently, or None; `quick` gives up after one short attempt."""
    found = (aws.quick_client if quick else aws.client)("dynamodb").get_item(
        TableName=settings.connections_table(), Key=to_item({"connectionId": connection_id}), ConsistentRead=True
    )
    return ConnectionRecord(**from_item(found["Item"])) if "Item" in found else None


def set_session(connection_id: str, session_id: str) -> None:
    """Note a speaker's session in its record; without a language it stays out of the listeners' index."""
    aws.client("dynamodb").update_item(
        TableName=settings.connections_table(),
        Key=to_item({"connectionId": connection_id}),
        UpdateExpression="SET sessionId = :session",
        ConditionExpression="attribute_exists(connectionId)",
        ExpressionAttributeValues=to_item({":session": session_id}),
    )


def seen(connection_id: str, at_ms: int) -> None:
    """Note that the connection was alive; a record that is gone stays gone."""
    dynamodb = aws.client("dynamodb")
    try:
        dynamodb.update_item(
            TableName=settings.connections_table(),
            Key=to_item({"connectionId": connection_id}),
            UpdateExpression="SET lastSeenAtMs = :at",
            ConditionExpression="attribute_exists(connectionId)",
            ExpressionAttributeValues=to_item({":at": at_ms}),
        )
    except dynamodb.exceptions.ConditionalCheckFailedException:
        return


def delete(connection_id: str) -> None:
    """Remove the record alone; for listeners use `sessions.leave`, which counts."""
    aws.client("dynamodb").delete_item(
        TableName=settings.connections_table(), Key=to_item({"connectionId": connection_id})
    )


def listeners(session_id: str, language: str | None = None) -> list[ConnectionRecord]:
    """The joined listeners of a session, of one language or of all."""
    condition, values = "sessionId = :session", {":session": session_id}
    if language is not None:
        condition, values = f"{condition} AND targetLanguage = :language", values | {":language": language}
    pages = (
        aws.client("dynamodb")
        .get_paginator("query")
        .paginate(
            TableName=settings.connections_table(),
            IndexName=INDEX,
            KeyConditionExpression=condition,
            ExpressionAttributeValues=to_item(values),
        )
    )
    items: list[dict[str, Any]] = [item for page in pages for item in page["Items"]]
    return [ConnectionRecord(**from_item(item)) for item in items]
