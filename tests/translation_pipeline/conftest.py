"""The pipeline's tables in moto, in process; all else in `World`."""

import time

import boto3
import pytest
from broadcast import aws, callbacks, clock, connections, sessions
from moto import mock_aws
from translation_processor import cache, claims, handler, metrics, patience, serving, speech, translate

from tests.translation_pipeline.world import World

TABLES = {"TranslationClaims-test": "claimId", "TranslationCache-test": "cacheKey"}
VARIABLES = {
    "CLAIMS_TABLE_NAME": "TranslationClaims-test",
    "TRANSLATION_CACHE_TABLE_NAME": "TranslationCache-test",
    "TRANSLATION_CACHE_TTL_HOURS": "24",
    "SPEECH_TIERS": "premium",
    "POWERTOOLS_METRICS_NAMESPACE": "TranslationPipeline",
    "POWERTOOLS_SERVICE_NAME": "translation-pipeline",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_ACCESS_KEY_ID": "x",
    "AWS_SECRET_ACCESS_KEY": "x",
}


@pytest.fixture
def tables(monkeypatch):
    """Both tables, empty."""
    for name, value in VARIABLES.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        dynamodb = boto3.client("dynamodb")
        for name, key in TABLES.items():
            dynamodb.create_table(
                TableName=name, BillingMode="PAY_PER_REQUEST",
                AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"}],
                KeySchema=[{"AttributeName": key, "KeyType": "HASH"}],
            )  # fmt: skip
        yield dynamodb
        dynamodb.close()


@pytest.fixture
def world(monkeypatch, tables):
    """A world that the handler's clients reach; a new execution environment for each test."""
    made = World()
    services = {"dynamodb": tables, "translate": made, "polly": made}
    monkeypatch.setattr(aws, "client", services.__getitem__)
    monkeypatch.setattr(aws, "quick_client", services.__getitem__)
    monkeypatch.setattr(connections, "listeners", lambda session_id, language=None: made.of_language(language))
    monkeypatch.setattr(callbacks, "send", made.send)
    monkeypatch.setattr(sessions, "leave", made.left.append)
    monkeypatch.setattr(time, "sleep", made.sleep)
    for module in (clock, cache, claims, handler, patience, serving, speech):
        monkeypatch.setattr(module, "now_ms", lambda: made.now_ms)
    translate._memory.clear()
    metrics._metrics.cache_clear()
    return made
