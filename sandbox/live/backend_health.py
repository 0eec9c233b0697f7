"""Asks a backend whether it is there, before anything is started for it."""

import asyncio
import json
import urllib.error
import urllib.request
from collections.abc import Iterable
from typing import Any

from sandbox.live.backend import LOCALSTACK, Backend
from sandbox.live.errors import BackendDownError, BackendLacksServiceError

ANSWER_WITHIN_S = 5.0
HEALTH_PATH = "/_localstack/health"
SERVED = frozenset(["available", "running", "starting", "initialized"])
"""The states under which LocalStack's health page lists a service that it answers for."""


async def check(backend: Backend) -> None:
    """Return when every endpoint answers. Raises BackendDownError or BackendLacksServiceError."""
    services: dict[str, list[str]] = {}
    for service, url in backend.endpoints().items():
        services.setdefault(url, []).append(service)
    for url, wanted in services.items():
        health = await asyncio.to_thread(_health, url, compose=backend.name == LOCALSTACK and url == backend.url)
        missing = lacking(health, wanted)
        if missing:
            raise BackendLacksServiceError(url, missing)


def lost(url: str, reason: str) -> str:
    """What is said of a backend that was there when everything started, and is no more."""
    return (
        f"expected the backend at {url} to go on answering, got {reason}: start it again; if it has forgotten its "
        "tables, 'sandbox down' and 'sandbox up' make them again"
    )


def lacking(health: Any, wanted: Iterable[str]) -> list[str]:
    """The wanted services that a health page says are not served; an emulator without that page is taken to serve."""
    listed = health.get("services") if isinstance(health, dict) else None
    if not isinstance(listed, dict):
        return []
    return sorted(service for service in wanted if listed.get(service, "available") not in SERVED)


def _health(url: str, *, compose: bool) -> Any:
    # What the environment says about proxies is for the world outside.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url + HEALTH_PATH, timeout=ANSWER_WITHIN_S) as answer:
            return json.loads(answer.read())
    except urllib.error.HTTPError as error:
        # DynamoDB Local and other emulators answer an unknown path with a refusal, and are there.
        error.close()
        return None
    except ValueError:
        return None
    except OSError as error:
        reason = error.reason if isinstance(error, urllib.error.URLError) else error
        raise BackendDownError(url, str(reason), compose=compose) from None
