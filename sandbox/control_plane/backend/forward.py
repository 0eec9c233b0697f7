"""Passes requests for data services on to the backend, over kept-alive connections."""

import json
from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from typing import Any

import urllib3
from urllib3.exceptions import HTTPError

from sandbox.control_plane.backend import messages

CONNECT_WITHIN_S = 5.0
ANSWER_WITHIN_S = 60.0
"""A long poll of a queue lasts 20 s at most (SQS ReceiveMessage)."""

Environ = dict[str, Any]


class Forward:
    """A WSGI application beside moto's, for the services that have an endpoint elsewhere."""

    def __init__(
        self, endpoints: Mapping[str, str], *, account_id: str, connections: int, lost: Callable[[str, str], None]
    ) -> None:
        """`lost` is told of each backend that answers no more, once until it answers again: its URL, and why."""
        self._lost = lost
        self._silent: set[str] = set()
        self._endpoints = dict(endpoints)
        self._account_id = account_id
        self._pools = urllib3.PoolManager(
            maxsize=connections, timeout=urllib3.Timeout(connect=CONNECT_WITHIN_S, read=ANSWER_WITHIN_S), retries=False
        )

    def service(self, environ: Environ) -> str | None:
        """The service of a request when it is not ours, else None."""
        service = messages.service_of(
            authorization=environ.get("HTTP_AUTHORIZATION", ""),
            query=environ.get("QUERY_STRING", ""),
            host=environ.get("HTTP_HOST", ""),
        )
        return service if service in self._endpoints else None

    def __call__(self, service: str, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        """The backend's answer; 503, which clients try again, when there is none."""
        url, query = self._endpoints[service], environ.get("QUERY_STRING", "")
        path = url + environ["PATH_INFO"]
        if query:
            path += "?" + messages.query_for_account(query, self._account_id)
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        try:
            answer = self._pools.request(
                environ["REQUEST_METHOD"], path, body=body, redirect=False, decode_content=False,
                headers=messages.sent_headers(_headers(environ), self._account_id),
            )  # fmt: skip
        except HTTPError as error:
            if url not in self._silent:
                self._silent.add(url)
                self._lost(url, type(error).__name__)
            return _unavailable(url, service, error, start_response)
        self._silent.discard(url)
        content = answer.data
        if service == "sqs" and not answer.headers.get("Content-Encoding"):
            base = messages.queue_base(environ.get("HTTP_HOST", ""))
            content = messages.with_reachable_queues(content, target=environ.get("HTTP_X_AMZ_TARGET", ""), base=base)
        headers = [*messages.kept_headers(answer.headers), ("Content-Length", str(len(content)))]
        start_response(_status(answer.status), headers)
        return [content]


def _headers(environ: Environ) -> dict[str, str]:
    found = {
        name.removeprefix("HTTP_").replace("_", "-").title(): value
        for name, value in environ.items()
        if name.startswith("HTTP_")
    }
    if environ.get("CONTENT_TYPE"):
        found["Content-Type"] = environ["CONTENT_TYPE"]
    return found


def _status(code: int) -> str:
    try:
        return f"{code} {HTTPStatus(code).phrase}"
    except ValueError:
        return f"{code} Unknown"


def _unavailable(url: str, service: str, error: Exception, start_response: Callable[..., Any]) -> list[bytes]:
    text = f"expected the backend at {url} to answer for {service}, got {type(error).__name__}: start it again"
    body = json.dumps({"__type": "ServiceUnavailable", "message": text}).encode()
    start_response(
        "503 Service Unavailable",
        [("Content-Type", "application/x-amz-json-1.0"), ("Content-Length", str(len(body)))],
    )
    return [body]
