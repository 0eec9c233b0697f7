"""Claims on (segment, language), so that a segment delivered twice is posted once."""

from broadcast import aws, settings
from broadcast.clock import now_ms
from broadcast.items import to_item

LIFETIME_S = 3600
"""Far longer than an asynchronous invocation is retried."""


def claim(segment_id: str, language: str) -> bool:
    """True for the first who asks."""
    dynamodb = aws.client("dynamodb")
    try:
        dynamodb.put_item(
            TableName=settings.variable("CLAIMS_TABLE_NAME"),
            Item=to_item({"claimId": f"{segment_id}#{language}", "expiresAt": now_ms() // 1000 + LIFETIME_S}),
            ConditionExpression="attribute_not_exists(claimId)",
        )
    except dynamodb.exceptions.ConditionalCheckFailedException:
        return False
    return True
