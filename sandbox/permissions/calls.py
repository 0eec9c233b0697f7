"""An HTTP request to AWS as a call: whose key signed it, and which operation it is with what parameters. Pure."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import parse_qs

from sandbox.permissions import rest

_SCOPE = re.compile(r"Credential=([^/]+)/[^/]+/([^/]+)/([^/]+)/")
_RPC = re.compile(r"/service/[^/]+/operation/([^/]+)")
_PREFIXES = {"monitoring": "cloudwatch"}
"""IAM's prefix where it is not the name that requests are signed for."""

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


def signer(authorization: str | None, query: str = "") -> Signer | None:
    """The signer of a request, from its header or its presigned URL; None when it is not signed."""
    match = _SCOPE.search(authorization or "")
    if match is None and "X-Amz-Credential=" in query:
        match = _SCOPE.search(f"Credential={parse_qs(query).get('X-Amz-Credential', [''])[0]}/")
    return Signer(access_key=match[1], region=match[2], service=match[3]) if match else None


def read(service: str, *, method: str, path: str, query: str, header: Callable[[str], str | None], body: bytes) -> Call:
    """The call that a request makes; what cannot be told of it is left empty, so that fewer policies fit."""
    prefix = _PREFIXES.get(service, service)
    target = header("X-Amz-Target")
    if target is not None:
        parameters = _object(body)
        return Call(service=prefix, operation=target.rpartition(".")[2], parameters=parameters, protocol="json")
    rpc = _RPC.fullmatch(path)
    if rpc is not None:
        return Call(service=prefix, operation=rpc[1], parameters={}, protocol="cbor")
    form = query if method == "GET" else body.decode("latin-1")
    if "Action=" in form:
        return _query_call(prefix, form)
    operation, named = rest.operation(service, method, path, query)
    protocol: Protocol = "rest-xml" if service == "s3" else "rest-json"
    parameters = named if service == "s3" else {**_object(body), **named}
    return Call(service=prefix, operation=operation, parameters=parameters, protocol=protocol)


def _query_call(prefix: str, form: str) -> Call:
    given = {name: values[0] for name, values in parse_qs(form).items()}
    return Call(service=prefix, operation=given.pop("Action", ""), parameters=given, protocol="query")


def _object(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body or b"{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
