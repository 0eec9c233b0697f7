"""Who delivers a segment in a language: claimed with a lease, then marked as done.

A repeat of the event leaves alone what another invocation is at, or has done. A lease ends with the time of the
invocation that took it, so that after a crash the event's own retry takes the language over: delivery is at least
once, and repeats carry the same segmentId.
"""

from dataclasses import dataclass

from broadcast import aws, settings
from broadcast.clock import now_ms
from broadcast.items import to_item

from translation_processor import limits


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One invocation, and the moment by which Lambda has ended it."""

    owner: str
    ends_at_ms: int


def take(segment_id: str, language: str, attempt: Attempt) -> bool:
    """True when the language is this attempt's to deliver."""
    dynamodb = aws.client("dynamodb")
    now = now_ms()
    try:
        dynamodb.update_item(
            TableName=settings.variable("CLAIMS_TABLE_NAME"),
            Key=_key(segment_id, language),
            UpdateExpression="SET leaseOwner = :owner, leaseExpiresAtMs = :ends, expiresAt = :expires",
            # The last case is the client's own retry of a write whose answer was lost.
            ConditionExpression="attribute_not_exists(doneAtMs) AND (attribute_not_exists(claimId)"
            " OR leaseExpiresAtMs <= :now OR (leaseOwner = :owner AND leaseExpiresAtMs = :ends))",
            ExpressionAttributeValues=to_item(
                {
                    ":owner": attempt.owner,
                    ":ends": attempt.ends_at_ms,
                    ":now": now,
                    ":expires": now // 1000 + limits.CLAIM_KEPT_S,
                }
            ),
        )
    except dynamodb.exceptions.ConditionalCheckFailedException:
        return False
    return True


def done(segment_id: str, language: str) -> None:
    """The language was delivered, whoever holds its lease now."""
    aws.client("dynamodb").update_item(
        TableName=settings.variable("CLAIMS_TABLE_NAME"),
        Key=_key(segment_id, language),
        UpdateExpression="SET doneAtMs = :now",
        ExpressionAttributeValues=to_item({":now": now_ms()}),
    )


def give_back(segment_id: str, language: str, attempt: Attempt) -> None:
    """The language was not delivered; the next attempt need not wait for the lease's end."""
    dynamodb = aws.client("dynamodb")
    try:
        dynamodb.update_item(
            TableName=settings.variable("CLAIMS_TABLE_NAME"),
            Key=_key(segment_id, language),
            UpdateExpression="SET leaseExpiresAtMs = :never",
            ConditionExpression="leaseOwner = :owner",
            ExpressionAttributeValues=to_item({":never": 0, ":owner": attempt.owner}),
        )
    except dynamodb.exceptions.ConditionalCheckFailedException:
        return


def _key(segment_id: str, language: str) -> dict[str, object]:
    return to_item({"claimId": f"{segment_id}#{language}"})
