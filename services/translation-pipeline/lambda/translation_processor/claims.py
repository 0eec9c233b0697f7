"""Who delivers a segment: claimed with a lease; the languages that were delivered are noted when all were tried.

A repeat of the event leaves alone what another invocation is at, and languages that are done. A lease ends with the
time of the invocation that took it, so that after a crash the event's own retry takes the segment over: delivery is at
least once, and repeats carry the same segmentId. Two writes a segment, however many languages it has.
"""

from collections.abc import Collection
from dataclasses import dataclass

from broadcast import aws, settings
from broadcast.clock import now_ms
from broadcast.items import from_item, to_item

from translation_processor import limits


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One invocation, and the moment by which Lambda has ended it."""

    owner: str
    ends_at_ms: int


def take(segment_id: str, attempt: Attempt) -> frozenset[str] | None:
    """The languages that are done, where the others are this attempt's to deliver; None where another is at them."""
    dynamodb = aws.client("dynamodb")
    now = now_ms()
    try:
        taken = dynamodb.update_item(
            TableName=settings.variable("CLAIMS_TABLE_NAME"),
            Key=_key(segment_id),
            UpdateExpression="SET leaseOwner = :owner, leaseExpiresAtMs = :ends, expiresAt = :expires",
            # The last case is the client's own retry of a write whose answer was lost.
            ConditionExpression="attribute_not_exists(claimId) OR leaseExpiresAtMs <= :now"
            " OR (leaseOwner = :owner AND leaseExpiresAtMs = :ends)",
            ExpressionAttributeValues=to_item(
                {
                    ":owner": attempt.owner,
                    ":ends": attempt.ends_at_ms,
                    ":now": now,
                    ":expires": now // 1000 + limits.CLAIM_KEPT_S,
                }
            ),
            ReturnValues="ALL_NEW",
        )
    except dynamodb.exceptions.ConditionalCheckFailedException:
        return None
    return frozenset(from_item(taken["Attributes"]).get("doneLanguages", ()))


def done(segment_id: str, languages: Collection[str]) -> None:
    """These languages were delivered, whoever holds the segment's lease now."""
    aws.client("dynamodb").update_item(
        TableName=settings.variable("CLAIMS_TABLE_NAME"),
        Key=_key(segment_id),
        UpdateExpression="ADD doneLanguages :languages",
        ExpressionAttributeValues=to_item({":languages": set(languages)}),
    )


def give_back(segment_id: str, attempt: Attempt) -> None:
    """Not everything was delivered; the next attempt need not wait for the lease's end."""
    dynamodb = aws.client("dynamodb")
    try:
        dynamodb.update_item(
            TableName=settings.variable("CLAIMS_TABLE_NAME"),
            Key=_key(segment_id),
            UpdateExpression="SET leaseExpiresAtMs = :never",
            ConditionExpression="leaseOwner = :owner",
            ExpressionAttributeValues=to_item({":never": 0, ":owner": attempt.owner}),
        )
    except dynamodb.exceptions.ConditionalCheckFailedException:
        return


def _key(segment_id: str) -> dict[str, object]:
    return to_item({"claimId": segment_id})
