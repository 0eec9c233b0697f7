"""How long the product waits for AWS, and how often it asks again."""

import boto3
import pytest
from broadcast import aws


@pytest.fixture(autouse=True)
def fresh_clients(monkeypatch):
    """Clients are cached for as long as an environment lives."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    yield
    for cached in (aws.client, aws.quick_client, aws.callback_client):
        cached.cache_clear()


def test_calls_are_tried_three_times_with_jitter():
    """botocore's standard mode; the service's throttling and failures, and the network's."""
    retries = aws.client("translate").meta.config.retries
    assert (retries["mode"], retries["total_max_attempts"]) == ("standard", 3)


def test_what_can_be_done_without_is_asked_for_once_and_briefly():
    """At most a second and a half, whatever Polly or the cache is doing."""
    config = aws.quick_client("polly").meta.config
    assert config.retries["total_max_attempts"] == 1
    assert config.connect_timeout + config.read_timeout <= 1.5


def test_as_many_posts_as_are_under_way_have_a_connection_each():
    """Otherwise threads would wait for one another."""
    config = aws.callback_client("https://x.example/prod").meta.config
    assert config.max_pool_connections >= aws.POSTS_AT_ONCE
    assert config.retries["total_max_attempts"] == 3


def test_what_is_prepared_is_there_for_the_first_request(monkeypatch):
    """Nobody waits for a client to be made, or for the model of the one whose address only a request tells."""
    make, made = boto3.client, []

    def client(service, **how):
        made.append(service)
        return make(service, **how)

    monkeypatch.setattr(boto3, "client", client)
    for cached in (aws.client, aws.callback_client):
        cached.cache_clear()
    aws.prepare("dynamodb", "sqs")
    assert made == ["dynamodb", "sqs", "apigatewaymanagementapi"]
    aws.client("dynamodb")
    aws.client("sqs")
    assert len(made) == 3
