"""The session's item in DynamoDB: lease, checkpoint and state in one place, written in one call each.

Attributes of the worker: `leaseToken`, `leaseOwner`, `leaseExpiresAtMs`, `leaseSuccessor`, `streamCheckpoint`.
"""

from collections.abc import Mapping
from typing import Any

from broadcast import aws, settings
from broadcast.items import from_item, to_item
from broadcast.sessions import ACTIVE

from audio_processor import limits
from audio_processor.aws_call import call
from audio_processor.checkpoint import Checkpoint, from_map
from audio_processor.errors import LeaseLostError, ServiceCallError
from audio_processor.lease import Lease
from audio_processor.ports import SessionView

_CONDITION_FAILED = "ConditionalCheckFailedException"
_HELD = "leaseOwner = :owner AND leaseToken = :token"


def view(item: Mapping[str, Any]) -> SessionView:
    """The worker's view of a session's item (plain values)."""
    stored = item.get("streamCheckpoint")
    return SessionView(
        is_active=item["status"] == ACTIVE,
        ended_at_ms=item.get("endedAtMs", 0),
        words_are_out=bool(item.get("wordsOutAtMs")),
        silent_since_ms=item.get("silentSinceMs"),
        silences=tuple((begin, end) for begin, end in item.get("silences", ())),
        source_language=item["sourceLanguage"],
        quality_tier=item["qualityTier"],
        speaker_connection_id=item["speakerConnectionId"],
        volume=float(item.get("volume", 1.0)),
        tuning=item.get("partialResults") or {},
        lease=Lease(
            token=item.get("leaseToken", 0),
            owner=item.get("leaseOwner", ""),
            expires_at_ms=item.get("leaseExpiresAtMs", 0),
            successor=item.get("leaseSuccessor", ""),
        ),
        checkpoint=from_map(stored) if stored else Checkpoint(),
    )


class DynamoSessionStore:
    """`ports.SessionStore` on the Sessions table."""

    def __init__(self, session_id: str) -> None:
        self._session_id = session_id
        self._table = settings.sessions_table()
        self._dynamodb = aws.client("dynamodb")

    async def read(self) -> SessionView | None:
        found = await call(
            self._dynamodb.get_item,
            TableName=self._table,
            Key=to_item({"sessionId": self._session_id}),
            ConsistentRead=True,
        )
        return view(from_item(found["Item"])) if "Item" in found else None

    async def acquire(self, *, owner: str, seen: Lease, now_ms: int, expires_at_ms: int) -> SessionView | None:
        try:
            return await self._update(
                "SET leaseOwner = :owner, leaseToken = :next, leaseExpiresAtMs = :expires, leaseSuccessor = :nobody,"
                " workerAskedAtMs = :begun",
                "(#status = :active OR endedAtMs > :lately)"
                " AND (attribute_not_exists(wordsOutAtMs) OR wordsOutAtMs = :not_yet)"
                " AND (attribute_not_exists(leaseToken)"
                " OR (leaseToken = :seen AND leaseExpiresAtMs <= :now))",
                {
                    ":owner": owner,
                    ":next": seen.token + 1,
                    ":seen": seen.token,
                    ":expires": expires_at_ms,
                    ":now": now_ms,
                    ":nobody": "",
                    ":active": ACTIVE,
                    ":not_yet": 0,
                    ":begun": 0,
                    ":lately": now_ms - limits.WORDS_LEFT_MS,
                },
                names={"#status": "status"},
            )
        except ServiceCallError as error:
            if error.code != _CONDITION_FAILED:
                raise
            return None

    async def announce(self, *, owner: str, predecessor_token: int) -> None:
        try:
            await self._update(
                "SET leaseSuccessor = :owner",
                "leaseToken = :token AND leaseSuccessor = :nobody",
                {":owner": owner, ":token": predecessor_token, ":nobody": ""},
            )
        except ServiceCallError as error:
            if error.code != _CONDITION_FAILED:
                raise

    async def save(self, *, owner: str, token: int, expires_at_ms: int, checkpoint: Checkpoint) -> SessionView:
        return await self._held(
            "SET leaseExpiresAtMs = :expires, streamCheckpoint = :checkpoint",
            {":owner": owner, ":token": token, ":expires": expires_at_ms, ":checkpoint": checkpoint.to_map()},
        )

    async def pass_on(
        self, *, owner: str, token: int, successor: str, expires_at_ms: int, checkpoint: Checkpoint
    ) -> None:
        await self._held(
            "SET leaseOwner = :successor, leaseToken = :next, leaseExpiresAtMs = :expires, leaseSuccessor = :nobody,"
            " streamCheckpoint = :checkpoint",
            {
                ":owner": owner,
                ":token": token,
                ":successor": successor,
                ":next": token + 1,
                ":expires": expires_at_ms,
                ":nobody": "",
                ":checkpoint": checkpoint.to_map(),
            },
        )

    async def release(
        self, *, owner: str, token: int, checkpoint: Checkpoint, words_out_at_ms: int | None = None
    ) -> None:
        change = "SET leaseExpiresAtMs = :never, streamCheckpoint = :checkpoint"
        values = {":owner": owner, ":token": token, ":never": 0, ":checkpoint": checkpoint.to_map()}
        if words_out_at_ms is not None:
            change, values = f"{change}, wordsOutAtMs = :out", values | {":out": words_out_at_ms}
        await self._held(change, values)

    async def _held(self, change: str, values: Mapping[str, Any]) -> SessionView:
        try:
            return await self._update(change, _HELD, values)
        except ServiceCallError as error:
            if error.code != _CONDITION_FAILED:
                raise
            raise LeaseLostError(session_id=self._session_id, token=values[":token"]) from None

    async def _update(
        self, change: str, condition: str, values: Mapping[str, Any], names: Mapping[str, str] | None = None
    ) -> SessionView:
        request: dict[str, Any] = {
            "TableName": self._table,
            "Key": to_item({"sessionId": self._session_id}),
            "UpdateExpression": change,
            "ConditionExpression": condition,
            "ExpressionAttributeValues": to_item(values),
            "ReturnValues": "ALL_NEW",
        }
        if names:
            request["ExpressionAttributeNames"] = names
        updated = await call(self._dynamodb.update_item, **request)
        return view(from_item(updated["Attributes"]))
