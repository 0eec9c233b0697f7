"""Which part of the sandbox answers a request, by its host and path. Pure."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal
from urllib.parse import unquote

from sandbox.edge.http import HttpRequest

LOCAL_PATH = re.compile(r"/_aws/execute-api/([^/]+)/([^/]+)(/.*)?")
API_HOST = re.compile(r"([a-z0-9]+)\.execute-api\.[a-z0-9-]+\.amazonaws\.com")
CALLBACK = re.compile(r"/(?:@|%40)connections/")
INVOCATIONS = re.compile(r"/2015-03-31/functions/[^/]+/invocations")
SCOPE = re.compile(r"Credential=[^/]+/[^/]+/[^/]+/([^/]+)/")

Kind = Literal["websocket", "connections", "functions", "user_pool", "standin", "admin", "control_plane", "upgrade"]


@dataclass(frozen=True, kw_only=True)
class Target:
    """Where a request goes. `api_id` is None for the primary API; `service` names a stand-in."""

    kind: Kind
    api_id: str | None = None
    stage: str = ""
    connection_id: str = ""
    service: str = ""


def is_aws_host(host: str) -> bool:
    """True for the host names that the proxy answers for."""
    return host.endswith((".amazonaws.com", ".api.aws"))


def wants_upgrade(request: HttpRequest) -> bool:
    return (request.header("Upgrade") or "").lower() == "websocket"


def route(request: HttpRequest, standins: frozenset[str], is_stage: Callable[[str], bool]) -> Target:
    """The target of a request; `is_stage` knows the stages that are reached at `/STAGE` of this port."""
    if request.path.startswith("/_sandbox/"):
        return Target(kind="admin")
    api = _api_target(request, is_stage)
    if api is not None:
        return api
    if INVOCATIONS.fullmatch(request.path):
        return Target(kind="functions")
    service = _service(request)
    if request.path.endswith("/.well-known/jwks.json"):
        return Target(kind="user_pool")
    if service in standins:
        return Target(kind="standin", service=service)
    return Target(kind="control_plane")


def _api_target(request: HttpRequest, is_stage: Callable[[str], bool]) -> Target | None:
    local, host = LOCAL_PATH.fullmatch(request.path), API_HOST.fullmatch(request.host)
    if local is not None:
        api_id, stage, rest = local[1], local[2], local[3] or ""
    elif host is not None:
        stage, _, rest = request.path.strip("/").partition("/")
        api_id, rest = host[1], f"/{rest}"
    elif wants_upgrade(request):
        return Target(kind="websocket", stage=request.path.strip("/").split("/")[0])
    elif not _is_for_a_service(request) and is_stage(request.path.strip("/").split("/")[0]):
        return Target(kind="upgrade", stage=request.path.strip("/").split("/")[0])
    else:
        return None
    # Some SDKs escape the sign, some do not.
    callback = CALLBACK.match(rest)
    if callback is not None:
        connection_id = unquote(rest[callback.end() :])
        return Target(kind="connections", api_id=api_id, stage=stage, connection_id=connection_id)
    return Target(kind="websocket" if wants_upgrade(request) else "upgrade", api_id=api_id, stage=stage)


def _is_for_a_service(request: HttpRequest) -> bool:
    """Whether it is signed, says its operation, or names a host of AWS: `/STAGE` could be a bucket's name."""
    return (
        request.header("Authorization") is not None
        or request.header("X-Amz-Target") is not None
        or "X-Amz-Signature=" in request.query
        or is_aws_host(request.host)
    )


def _service(request: HttpRequest) -> str:
    """The AWS service a request is for: from its signature's scope, else from its host."""
    scope = SCOPE.search(request.header("Authorization") or "")
    return scope[1] if scope else request.host.split(".")[0]
