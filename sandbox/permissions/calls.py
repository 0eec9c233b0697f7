"""An HTTP request to AWS as a call: whose key signed it, and which operation it is with what parameters. Pure."""

import json
import re
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import parse_qs

from sandbox.permissions import rest

_SCOPE = re.compile(r"Credential=([^/]+)/[^/]+/([^/]+)/([^/]+)/")
_RPC = re.compile(r"/service/[^/]+/operation/([^/]+)")
_PREFIXES = {"monitoring": "cloudwatch"}
"""IAM's prefix where it is not the name that requests are signed for."""

GZIP = 16 + zlib.MAX_WBITS
UNPACKED_BYTES = 16 * 1024 * 1024
"""More than any service takes of a compressed request (PutMetricData: 1 MB)."""

Protocol = Literal["json", "query", "rest-json", "rest-xml", "cbor"]


@dataclass(frozen=True, kw_only=True)
class Signer:
    """What a signature's scope says: the access key, the Region and the service that was signed for."""

    access_key: str
    region: str
    service: str


@dataclass(frozen=True, kw_only=True)
class Call:
    """One call. `service` is IAM's prefix; `protocol` says in what form its answers are read."""

    service: str
    operation: str
    parameters: Mapping[str, Any]
    protocol: Protocol


def prefix(service: str) -> str:
    """IAM's prefix of a service by the name that requests are signed for."""
    return _PREFIXES.get(service, service)


def signer(authorization: str | None, query: str = "") -> Signer | None:
    """The signer of a request, from its header or its presigned URL; None when it is not signed."""
    match = _SCOPE.search(authorization or "")
    if match is None and "X-Amz-Credential=" in query:
        match = _SCOPE.search(f"Credential={parse_qs(query).get('X-Amz-Credential', [''])[0]}/")
    return Signer(access_key=match[1], region=match[2], service=match[3]) if match else None


def read(service: str, *, method: str, path: str, query: str, header: Callable[[str], str | None], body: bytes) -> Call:
    """The call that a request makes; what cannot be told of it is left empty, so that fewer policies fit."""
    known_as, body = prefix(service), _plain(body, header("Content-Encoding"))
    target = header("X-Amz-Target")
    if target is not None:
        parameters = _object(body)
        return Call(service=known_as, operation=target.rpartition(".")[2], parameters=parameters, protocol="json")
    rpc = _RPC.fullmatch(path)
    if rpc is not None:
        return Call(service=known_as, operation=rpc[1], parameters={}, protocol="cbor")
    form = query if method == "GET" else body.decode("latin-1")
    if "Action=" in form:
        return _query_call(known_as, form)
    operation, named = rest.operation(service, method, path, query)
    protocol: Protocol = "rest-xml" if service == "s3" else "rest-json"
    parameters = named if service == "s3" else {**_object(body), **named}
    return Call(service=known_as, operation=operation, parameters=parameters, protocol=protocol)


def _query_call(service: str, form: str) -> Call:
    given = {name: values[0] for name, values in parse_qs(form, keep_blank_values=True).items()}
    return Call(service=service, operation=given.pop("Action", ""), parameters=given, protocol="query")


def _plain(body: bytes, encoding: str | None) -> bytes:
    """A body without its compression; what is no gzip, or is too large, is left as it is."""
    if encoding != "gzip":
        return body
    try:
        return zlib.decompressobj(GZIP).decompress(body, UNPACKED_BYTES)
    except zlib.error:
        return body


def _object(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body or b"{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
