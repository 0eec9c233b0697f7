"""moto's WSGI application with the feed beside it."""

import io
import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import parse_qs

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

from sandbox.control_plane import refused, wsgi
from sandbox.control_plane.backend.forward import Forward
from sandbox.control_plane.deferred import Deferred
from sandbox.control_plane.dynamodb import DynamoDb
from sandbox.control_plane.feed import Feed
from sandbox.control_plane.queue_messages import TRACE, QueueMessages
from sandbox.control_plane.request_rules import Fault
from sandbox.control_plane.wsgi import Environ, StartResponse
from sandbox.edge.http import HttpResponse

API_GATEWAY_V2 = "/v2/apis"
"""Where paths begin of the one of two services that requests are signed for under one name."""
FEED_PATH = "/_sandbox/definitions"
_SCOPE = re.compile(r"Credential=[^/]+/[^/]+/([^/]+)/([^/]+)/")
_SHOWN_SERVICES = frozenset(["lambda", "apigateway", "events", "monitoring", "iam"])
"""Services whose requests can change what the feed shows; the hot ones (tables, queues) are not among them."""


class Application:
    """Answers the feed's requests and those about messages, passes those for services elsewhere on and everything else
    to moto; after these it looks whether the definitions changed. `told` takes what the data plane says, by path.
    """

    def __init__(
        self,
        feed: Feed,
        forward: Forward,
        messages: QueueMessages,
        dynamodb: DynamoDb,
        deferred: Deferred,
        told: Mapping[str, Callable[[Any], None]],
    ) -> None:
        self._feed = feed
        self._told = told
        self._forward = forward
        self._messages = messages
        self._dynamodb = dynamodb
        self._deferred = deferred
        self._moto = DomainDispatcherApplication(_backend_app)
        self._by_service: dict[str, Any] = {}

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"] == FEED_PATH:
            return self._answer_feed(environ, start_response)
        hear = self._told.get(environ["PATH_INFO"])
        if hear is not None:
            hear(json.loads(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))))
            start_response("204 No Content", [])
            return []
        elsewhere = self._forward.service(environ)
        if elsewhere is not None:
            return self._forward(elsewhere, environ, start_response)
        scope = _SCOPE.search(environ.get("HTTP_AUTHORIZATION", ""))
        region, service = (scope[1], scope[2]) if scope else ("", "")
        target = environ.get("HTTP_X_AMZ_TARGET", "")
        if service == "sqs" and self._messages.answers(target):
            body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            return wsgi.send(self._messages.answer(target, body, region, wsgi.header(environ, TRACE)), start_response)
        if service == "dynamodb" and "HTTP_X_AMZ_TARGET" in environ:
            return self._answer_tables(environ, start_response)
        self._deferred.ready(service)
        try:
            answer = self._application(service, environ)(environ, start_response)
        except NotImplementedError as error:
            return wsgi.send(_not_emulated(service, str(error), environ), start_response)
        if service in _SHOWN_SERVICES and environ["REQUEST_METHOD"] != "GET":
            body = b"".join(answer)
            self._feed.changed()
            return [body]
        result: Iterable[bytes] = answer
        return result

    def _answer_tables(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(body)

        def by_moto() -> HttpResponse:
            return wsgi.answered(self._application("dynamodb", environ), environ)

        answer = self._dynamodb.answer(environ["HTTP_X_AMZ_TARGET"], body, by_moto)
        return wsgi.send(answer, start_response)

    def _application(self, service: str, environ: Environ) -> Any:
        """moto's application where the service alone says which: found once, since moto looks through its own folders
        under a lock to find it, for each request anew."""
        if service == "apigateway" and environ["PATH_INFO"].startswith(API_GATEWAY_V2):
            service = API_GATEWAY_V2
        elif not service or (service != "lambda" and "HTTP_X_AMZ_TARGET" not in environ):
            return self._moto
        known = self._by_service.get(service)
        if known is None:
            known = self._by_service[service] = self._moto.get_application(environ)
        return known

    def _answer_feed(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        query = parse_qs(environ.get("QUERY_STRING", ""))
        after, wait_ms = int(query.get("after", ["-1"])[0]), int(query.get("wait_ms", ["0"])[0])
        body = self._feed.wait(after=after, wait_ms=min(wait_ms, 20_000))
        start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
        return [body]


def _backend_app(service: str | None) -> Any:
    if service is None:
        raise NotImplementedError("The service has not been implemented")
    return create_backend_app(service)


def _not_emulated(service: str, what: str, environ: Environ) -> HttpResponse:
    """501, which no SDK tries again: CDK's CLI asks CloudTrail after a failed deployment, and would ask it for half a
    minute."""
    fault = Fault(
        code="NotImplemented",
        message=f"{service or 'the request'}: {what}: the sandbox does not emulate it",
        status=501,
    )
    is_form = environ.get("CONTENT_TYPE", "").startswith("application/x-www-form-urlencoded")
    return refused.answer(service, fault, "query" if is_form else "json")
