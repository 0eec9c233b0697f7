"""What a request at the edge needs of its signer's role. Pure."""

from sandbox.edge.http import HttpRequest
from sandbox.edge.router import Target
from sandbox.functions.invoke_api import function_name
from sandbox.permissions import calls, needs
from sandbox.permissions.calls import Protocol
from sandbox.permissions.evaluation import Need


def needed(
    request: HttpRequest, target: Target, *, service: str, place: needs.Place
) -> tuple[tuple[Need, ...], Protocol]:
    """The needs of a call, and the form in which its answer is read; `service` is what it was signed for."""
    match target.kind:
        case "connections":
            need = needs.connection(
                place, api_id=target.api_id or "", stage=target.stage, method=request.method,
                connection_id=target.connection_id,
            )  # fmt: skip
            return (need,), "rest-json"
        case "functions":
            return (needs.invocation(place, function_name(request.path)),), "rest-json"
        case "user_pool":
            # Keys are public.
            return (), "rest-json"
    call = calls.read(
        service, method=request.method, path=request.path, query=request.query, header=request.header,
        body=request.body,
    )  # fmt: skip
    return needs.needs(call.service, call.operation, call.parameters, place), call.protocol
