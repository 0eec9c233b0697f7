"""Sessions in DynamoDB. Every change is conditional, so that repeats and races change nothing twice.

Beside each session's item stands its speaker's marker, `speaker#USER`, which names the one live session of that user.
"""

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from broadcast import aws, settings
from broadcast.clock import now_ms
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
    endsAtMs: int  # noqa: N815
    """When it ends at the latest, unless its speaker's refresh puts that off."""
    expiresAt: int  # noqa: N815
    """When DynamoDB may delete the item, epoch seconds: later than the end, so that the end is still told."""
    listenerCount: int = 0  # noqa: N815
    isPaused: bool = False  # noqa: N815
    isMuted: bool = False  # noqa: N815
    volume: float = 1.0
    silentSinceMs: int | None = None  # noqa: N815
    """When it was paused or muted; None while it is neither."""
    silences: tuple[tuple[int, int], ...] = ()
    """Its last pauses that have ended, [from, until): for a stream worker that hears their audio later."""
    speakerDisconnectedAtMs: int | None = None  # noqa: N815
    statusDueAtMs: int = 0  # noqa: N815
    """When the status that a change asked for falls due; 0: none is."""
    statusToldAtMs: int = 0  # noqa: N815
    statusCount: int = 0  # noqa: N815
    statusLanguages: tuple[str, ...] = ()  # noqa: N815
    """Listeners and languages as the speaker was last told them."""
    partialResults: Mapping[str, Any] = field(default_factory=dict)  # noqa: N815
    workerAskedAtMs: int = 0  # noqa: N815
    """When somebody last had a stream worker started; 0: the one that was asked for has begun."""
    leaseExpiresAtMs: int = 0  # noqa: N815
    audioAtMs: int | None = None  # noqa: N815
    """When its first chunk was accepted; 0: none has been. None, in an item of an older version: it is not known."""
    endedAtMs: int = 0  # noqa: N815
    wordsOutAtMs: int = 0  # noqa: N815
    """When its stream worker had sent on the last words of a session that has ended."""
    streamCheckpoint: Mapping[str, Any] = field(default_factory=dict)  # noqa: N815
    """What the stream worker keeps of its progress."""

    @property
    def next_seq(self) -> int:
        """The lowest sequence number of audio that is not known to have been heard; 0 before any was."""
        return int(self.streamCheckpoint.get("heardSeq", self.streamCheckpoint.get("ackedSeq", -1))) + 1

    @property
    def is_active(self) -> bool:
        return self.status == ACTIVE

    def broadcast_state(self) -> dict[str, Any]:
        """The contract's `broadcastState`."""
        return {"isPaused": self.isPaused, "isMuted": self.isMuted, "volume": self.volume}


_NAMES = {one.name for one in fields(Session)}


def _session(item: Mapping[str, Any]) -> Session:
    known = {name: value for name, value in from_item(item).items() if name in _NAMES}
    silences = tuple((begin, end) for begin, end in known.get("silences", ()))
    return Session(**known | {"statusLanguages": tuple(known.get("statusLanguages", ())), "silences": silences})


def _key(session_id: str) -> dict[str, Any]:
    return to_item({"sessionId": session_id})


def get(session_id: str, *, consistent: bool = True, quick: bool = False) -> Session | None:
    """The session, or None; `quick` gives up after one short attempt."""
    found = (aws.quick_client if quick else aws.client)("dynamodb").get_item(
        TableName=settings.sessions_table(), Key=_key(session_id), ConsistentRead=consistent
    )
    return _session(found["Item"]) if "Item" in found else None


def id_of_speaker(user_id: str) -> str | None:
    """The id of the one live session that the user's marker names, or None; whether it is live, its item says."""
    found = aws.client("dynamodb").get_item(
        TableName=settings.sessions_table(), Key=_key(f"speaker#{user_id}"), ConsistentRead=True
    )
    return str(from_item(found["Item"])["currentSessionId"]) if "Item" in found else None


def of_speaker(user_id: str) -> Session | None:
    """The one live session that the user's marker names, or None."""
    session_id = id_of_speaker(user_id)
    return None if session_id is None else get(session_id)


def live() -> list[Session]:
    """Every live session; a scan, for the minute's rule alone."""
    return _scan("#status = :active", {":active": ACTIVE})


def _scan(condition: str, values: Mapping[str, Any]) -> list[Session]:
    pages = (
        aws.client("dynamodb")
        .get_paginator("scan")
        .paginate(
            TableName=settings.sessions_table(),
            FilterExpression=condition,
            ExpressionAttributeNames={"#status": "status"},
            ExpressionAttributeValues=to_item(values),
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
            "expiresAt": session.endsAtMs // 1000,
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
            if _freed_of_an_ended_session(session.speakerUserId):
                return create(session)
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


def update_state(
    session_id: str,
    changes: Mapping[str, Any],
    *,
    only_if: Mapping[str, Any] | None = None,
    if_absent: Mapping[str, Any] | None = None,
    forget: Sequence[str] = (),
) -> Session:
    """Change attributes of a live session; returns it as it is then.

    `only_if`: attributes that must have these values; `if_absent`: attributes to set where there are none; `forget`:
    attributes to remove. Raises Refusal SESSION_NOT_FOUND for a session that is not live or not as wanted.
    """
    dynamodb = aws.client("dynamodb")
    wanted, first = dict(only_if or {}), dict(if_absent or {})
    names = {f"#{name}": name for name in (*changes, *wanted, *first, *forget, "status")}
    condition = " AND ".join(["#status = :active", *(f"#{name} = :was_{name}" for name in wanted)])
    values = {f":{name}": value for name, value in {**changes, **first}.items()}
    values |= {f":was_{name}": value for name, value in wanted.items()} | {":active": ACTIVE}
    set_them = [f"#{name} = :{name}" for name in changes]
    set_them += [f"#{name} = if_not_exists(#{name}, :{name})" for name in first]
    change = "SET " + ", ".join(set_them)
    if forget:
        change += " REMOVE " + ", ".join(f"#{name}" for name in forget)
    try:
        updated = dynamodb.update_item(
            TableName=settings.sessions_table(),
            Key=_key(session_id),
            UpdateExpression=change,
            ConditionExpression=condition,
            ExpressionAttributeNames=names,
            ExpressionAttributeValues=to_item(values),
            ReturnValues="ALL_NEW",
        )
    except dynamodb.exceptions.ConditionalCheckFailedException:
        raise Refusal("SESSION_NOT_FOUND", f"expected a live session, {session_id} is none") from None
    return _session(updated["Attributes"])


def end(session_id: str, *, away_since_ms: int | None = None) -> Session | None:
    """End a live session and free its speaker; None when it had ended already, so that one caller alone tells
    everybody. With `away_since_ms` also None when the speaker has come back since."""
    still_away = {} if away_since_ms is None else {"speakerDisconnectedAtMs": away_since_ms}
    try:
        session = update_state(session_id, {"status": ENDED, "endedAtMs": now_ms()}, only_if=still_away)
    except Refusal:
        return None
    _free_speaker(session.speakerUserId, session_id)
    return session


def _free_speaker(user_id: str, session_id: str) -> None:
    """Delete the user's marker, where it names this session."""
    dynamodb = aws.client("dynamodb")
    with contextlib.suppress(dynamodb.exceptions.ConditionalCheckFailedException):
        dynamodb.delete_item(
            TableName=settings.sessions_table(),
            Key=_key(f"speaker#{user_id}"),
            ConditionExpression="currentSessionId = :session",
            ExpressionAttributeValues=to_item({":session": session_id}),
        )


def _freed_of_an_ended_session(user_id: str) -> bool:
    """Delete the user's marker where it names a session that has ended: who ended it was lost before that. False
    where that session is live."""
    session_id = id_of_speaker(user_id)
    if session_id is None:
        return True
    named = get(session_id)
    if named is not None and named.is_active:
        return False
    _free_speaker(user_id, session_id)
    return True


def left_queues(*, ended_before_ms: int, now_ms: int) -> list[Session]:
    """Ended sessions whose queue nobody has removed, though no worker drains it any more; a scan."""
    return _scan(
        "#status = :ended AND attribute_not_exists(queueRemovedAtMs) AND endedAtMs < :before"
        " AND (attribute_not_exists(leaseExpiresAtMs) OR leaseExpiresAtMs < :now)",
        {":ended": ENDED, ":before": ended_before_ms, ":now": now_ms},
    )


def note_queue_removed(session_id: str, at_ms: int) -> None:
    """So that the queue of an ended session is not looked for again."""
    aws.client("dynamodb").update_item(
        TableName=settings.sessions_table(),
        Key=_key(session_id),
        UpdateExpression="SET queueRemovedAtMs = :at",
        ConditionExpression="attribute_exists(sessionId)",
        ExpressionAttributeValues=to_item({":at": at_ms}),
    )


def ask_for_status(session_id: str, *, now_ms: int, due_at_ms: int) -> bool:
    """Note that a status falls due; False when one is due already or the session has ended."""
    return _note_first(session_id, "statusDueAtMs", due_at_ms, not_after_ms=now_ms)


def ask_for_worker(session_id: str, *, now_ms: int, patience_ms: int) -> bool:
    """Note that a stream worker is started; False when one was asked for less than this long ago, or the session has
    ended."""
    return _note_first(session_id, "workerAskedAtMs", now_ms, not_after_ms=now_ms - patience_ms)


def note_audio(session_id: str, *, now_ms: int) -> bool:
    """Note that a live session's first chunk is about to be accepted; False when one was before, or the session has
    ended."""
    return _note_first(session_id, "audioAtMs", now_ms, not_after_ms=0, quick=True)


def ask_for_last_worker(session_id: str, *, now_ms: int, patience_ms: int) -> bool:
    """As `ask_for_worker`, for a session that has ended."""
    return _note_first(session_id, "workerAskedAtMs", now_ms, not_after_ms=now_ms - patience_ms, status=ENDED)


def _note_first(
    session_id: str, name: str, at_ms: int, *, not_after_ms: int, status: str = ACTIVE, quick: bool = False
) -> bool:
    """Set a session's time, where the one before is not after this; False where it is: another was first. `quick` gives
    up after one short attempt."""
    dynamodb = (aws.quick_client if quick else aws.client)("dynamodb")
    try:
        dynamodb.update_item(
            TableName=settings.sessions_table(),
            Key=_key(session_id),
            UpdateExpression="SET #name = :at",
            ConditionExpression="#status = :status AND #name <= :limit",
            ExpressionAttributeNames={"#status": "status", "#name": name},
            ExpressionAttributeValues=to_item({":at": at_ms, ":limit": not_after_ms, ":status": status}),
        )
    except dynamodb.exceptions.ConditionalCheckFailedException:
        return False
    return True


def mark_away(session_id: str, connection_id: str, at_ms: int) -> bool:
    """Note that the speaker's connection is gone; False when the session has ended or has another connection."""
    try:
        update_state(session_id, {"speakerDisconnectedAtMs": at_ms}, only_if={"speakerConnectionId": connection_id})
    except Refusal:
        return False
    return True


def take_over(session_id: str, *, connection_id: str, callback_url: str, ends_at_ms: int, expires_at: int) -> Session:
    """Give a live session its speaker's new connection, in one write. Raises Refusal SESSION_NOT_FOUND."""
    changes = {
        "speakerConnectionId": connection_id,
        "callbackUrl": callback_url,
        "endsAtMs": ends_at_ms,
        "expiresAt": expires_at,
    }
    session = update_state(session_id, changes, forget=("speakerDisconnectedAtMs",))
    aws.client("dynamodb").update_item(
        TableName=settings.sessions_table(),
        Key=_key(f"speaker#{session.speakerUserId}"),
        UpdateExpression="SET expiresAt = :end, currentSessionId = :session",
        ExpressionAttributeValues=to_item({":end": ends_at_ms // 1000, ":session": session_id}),
    )
    return session
