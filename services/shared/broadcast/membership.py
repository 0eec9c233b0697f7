"""What a joined listener may change: its connection, its language, and whether it is sent anything.

Joining and leaving, which count, are in `sessions`.
"""

from typing import Any

from broadcast import aws, sessions, settings
from broadcast.connections import ConnectionRecord
from broadcast.errors import Refusal
from broadcast.items import from_item, to_item
from broadcast.sessions import ACTIVE

_FAILED = "ConditionalCheckFailed"


def replace(new: ConnectionRecord, previous_id: str, session_id: str, language: str, *, limit: int) -> None:
    """Put the new connection in the place of the previous one: the count stays, even in a full session.

    Where the previous one has left already it was counted out, and the new one joins as any other. Doing it again
    changes nothing. Raises Refusal SESSION_NOT_FOUND, and SESSION_FULL where it has to join.
    """
    if new.targetLanguage is not None:
        return
    dynamodb = aws.client("dynamodb")
    table = settings.connections_table()
    take = {
        "TableName": table,
        "Key": to_item({"connectionId": new.connectionId}),
        "UpdateExpression": "SET sessionId = :session, targetLanguage = :language",
        "ConditionExpression": "attribute_exists(connectionId) AND attribute_not_exists(targetLanguage)",
        "ExpressionAttributeValues": to_item({":session": session_id, ":language": language}),
    }
    remove = {
        "TableName": table,
        "Key": to_item({"connectionId": previous_id}),
        "ConditionExpression": "sessionId = :session AND attribute_exists(targetLanguage)",
        "ExpressionAttributeValues": to_item({":session": session_id}),
    }
    live = {
        "TableName": settings.sessions_table(),
        "Key": to_item({"sessionId": session_id}),
        "ConditionExpression": "#status = :active",
        "ExpressionAttributeNames": {"#status": "status"},
        "ExpressionAttributeValues": to_item({":active": ACTIVE}),
    }
    try:
        dynamodb.transact_write_items(TransactItems=[{"Update": take}, {"Delete": remove}, {"ConditionCheck": live}])
    except dynamodb.exceptions.TransactionCanceledException as error:
        reasons = [reason.get("Code") for reason in error.response["CancellationReasons"]]
        if reasons[2] == _FAILED:
            raise Refusal("SESSION_NOT_FOUND", f"expected a live session, {session_id} is none") from None
        if reasons[0] == _FAILED:
            return
        if reasons[1] != _FAILED:
            raise
        sessions.join(new, session_id, language, limit=limit)


def change_language(connection_id: str, language: str) -> ConnectionRecord:
    """Move a joined listener to another language; its record as it is then. Raises Refusal SESSION_NOT_FOUND for one
    that has not joined."""
    return _set(connection_id, {"targetLanguage": language})


def set_paused(connection_id: str, paused: bool) -> ConnectionRecord:
    """Send a joined listener nothing more that is said, or everything again. As `change_language`."""
    return _set(connection_id, {"isPaused": paused})


def _set(connection_id: str, values: dict[str, Any]) -> ConnectionRecord:
    dynamodb = aws.client("dynamodb")
    try:
        updated = dynamodb.update_item(
            TableName=settings.connections_table(),
            Key=to_item({"connectionId": connection_id}),
            UpdateExpression="SET " + ", ".join(f"{name} = :{name}" for name in values),
            ConditionExpression="attribute_exists(targetLanguage)",
            ExpressionAttributeValues=to_item({f":{name}": value for name, value in values.items()}),
            ReturnValues="ALL_NEW",
        )
    except dynamodb.exceptions.ConditionalCheckFailedException:
        raise Refusal("SESSION_NOT_FOUND", "expected a listener that has joined a session: join one first") from None
    return ConnectionRecord(**from_item(updated["Attributes"]))
