"""Results and errors in the services' JSON protocols."""

import json
import uuid
from collections.abc import Mapping
from typing import Any

from sandbox.edge.http import HttpRequest, HttpResponse
from sandbox.standins.errors import ServiceRefusal

JSON_1_1 = "application/x-amz-json-1.1"
REST_JSON = "application/json"


def body_of(request: HttpRequest) -> dict[str, Any]:
    """The request's JSON object. Raises ServiceRefusal SerializationException."""
    try:
        body = json.loads(request.body)
        # Half of a surrogate pair is no character; an escape can smuggle one in.
        json.dumps(body, ensure_ascii=False).encode()
    except ValueError:
        raise ServiceRefusal("SerializationException", "") from None
    if not isinstance(body, dict):
        raise ServiceRefusal("SerializationException", "")
    return body


def result(body: Mapping[str, Any]) -> HttpResponse:
    """A result in JSON 1.1."""
    return _json(200, JSON_1_1, dict(body))


def json_error(refusal: ServiceRefusal, *, status: int) -> HttpResponse:
    """An error in JSON 1.1: its code is in the body."""
    body = {"__type": refusal.code, "Message": refusal.message, **refusal.members}
    return _json(status, JSON_1_1, body, ("x-amzn-ErrorType", refusal.code))


def rest_error(refusal: ServiceRefusal, *, status: int) -> HttpResponse:
    """An error in REST JSON: its code is in a header."""
    body = {"message": refusal.message, **refusal.members}
    return _json(status, REST_JSON, body, ("x-amzn-ErrorType", refusal.code))


def audio(data: bytes, *, content_type: str, characters: int) -> HttpResponse:
    """Polly's result: the stream itself, with what it costs in a header."""
    headers = (("Content-Type", content_type), ("x-amzn-RequestCharacters", str(characters)), request_id())
    return HttpResponse(status=200, headers=headers, body=data)


def request_id() -> tuple[str, str]:
    return ("x-amzn-RequestId", str(uuid.uuid4()))


def _json(status: int, content_type: str, body: dict[str, Any], *headers: tuple[str, str]) -> HttpResponse:
    return HttpResponse(
        status=status,
        headers=(("Content-Type", content_type), request_id(), *headers),
        body=json.dumps(body, ensure_ascii=False).encode(),
    )
