"""The product's tables in moto, in process, and the variables that the stacks would set."""

import boto3
import pytest
from broadcast import aws
from moto import mock_aws

TABLES = {
    "Sessions-test": ("sessionId", []),
    "Connections-test": ("connectionId", ["sessionId", "targetLanguage"]),
    "RateLimits-test": ("identifier", []),
}


@pytest.fixture
def tables(monkeypatch):
    """Empty tables with their index; clients are made anew for each test."""
    for name, value in {
        "ENVIRONMENT": "test", "SESSIONS_TABLE_NAME": "Sessions-test", "CONNECTIONS_TABLE_NAME": "Connections-test",
        "RATE_LIMITS_TABLE_NAME": "RateLimits-test",
        "AWS_DEFAULT_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    with mock_aws():
        aws.client.cache_clear()
        dynamodb = boto3.client("dynamodb")
        for table, (key, index) in TABLES.items():
            attributes = [{"AttributeName": name, "AttributeType": "S"} for name in (key, *index)]
            indexes = [
                {
                    "IndexName": "sessionId-targetLanguage-index",
                    "KeySchema": [
                        {"AttributeName": "sessionId", "KeyType": "HASH"},
                        {"AttributeName": "targetLanguage", "KeyType": "RANGE"},
                    ],
                    "Projection": {"ProjectionType": "ALL"},
                }
            ]
            dynamodb.create_table(
                TableName=table, AttributeDefinitions=attributes, BillingMode="PAY_PER_REQUEST",
                KeySchema=[{"AttributeName": key, "KeyType": "HASH"}],
                **({"GlobalSecondaryIndexes": indexes} if index else {}),
            )  # fmt: skip
        yield dynamodb
        for made in (dynamodb, *(aws.client(name) for name in ("dynamodb",))):
            made.close()
        aws.client.cache_clear()
