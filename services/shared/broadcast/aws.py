"""Cached AWS clients, made on first use so that a cold start pays only for what its function calls, or `prepare`d."""

from functools import cache, lru_cache
from typing import Any

import boto3
from botocore.config import Config

CONFIG = Config(connect_timeout=2, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 3})
"""Bounded: an environment must fail within its function's timeout, and no call may start a storm of retries."""

QUEUE_CONFIG = Config(connect_timeout=2, read_timeout=25, retries={"mode": "standard", "total_max_attempts": 3})
"""A long poll waits for up to 20 s before it answers."""

QUICK_CONFIG = Config(connect_timeout=0.5, read_timeout=1, retries={"mode": "standard", "total_max_attempts": 1})
"""One short attempt, for what words must not wait for and can do without."""

POSTS_AT_ONCE = 16
"""Posts under way at once in one environment."""
CALLBACK_CONFIG = CONFIG.merge(Config(max_pool_connections=POSTS_AT_ONCE))
"""A connection for each of them."""


@cache
def client(service: str) -> Any:
    """The client of a service in the function's Region."""
    return boto3.client(service, config=QUEUE_CONFIG if service == "sqs" else CONFIG)


@cache
def quick_client(service: str) -> Any:
    """The client of a service whose answer is worth waiting for only briefly; it does not retry."""
    return boto3.client(service, config=QUICK_CONFIG)


def prepare(*services: str) -> None:
    """Make the clients of these services, and load what one for `@connections` needs.

    A function for whose answer somebody waits calls this where its module is loaded (Lambda, "Best practices": clients
    are made outside of the handler), so that its environment's first request is no slower than the next.
    """
    for service in services:
        client(service)
    # Its own address comes with the first event; the service's model is read once.
    boto3.client("apigatewaymanagementapi", endpoint_url="https://localhost", config=CALLBACK_CONFIG)


@lru_cache(maxsize=64)
def callback_client(url: str) -> Any:
    """The client for `@connections` of one stage: its URL comes from the event and is never configured."""
    return boto3.client("apigatewaymanagementapi", endpoint_url=url, config=CALLBACK_CONFIG)
