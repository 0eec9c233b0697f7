"""Lambda's Invoke API over HTTP: `POST /2015-03-31/functions/NAME/invocations`."""

import base64
import json
from urllib.parse import parse_qs, unquote

from sandbox.edge.http import HttpRequest, HttpResponse
from sandbox.functions.invocation import Invocation, InvocationType, Outcome
from sandbox.functions.service import FunctionService

PATH_PREFIX = "/2015-03-31/functions/"
LOG_TAIL_BYTES = 4096
"""`LogType: Tail` returns the last 4 KB of the log (Lambda API reference, Invoke)."""

_TYPES: dict[str, InvocationType] = {"RequestResponse": "RequestResponse", "Event": "Event", "DryRun": "DryRun"}


def function_name(path: str) -> str:
    """The function that a request's path names."""
    return unquote(path.removeprefix(PATH_PREFIX).removesuffix("/invocations"))


def client_context_json(encoded: str) -> str:
    """The caller's context as one line of JSON, from base64. Raises ValueError for anything else."""
    context = json.loads(base64.b64decode(encoded, validate=True))
    if not isinstance(context, dict):
        raise ValueError(f"expected a JSON object, got {type(context).__name__}")
    return json.dumps(context, separators=(",", ":"))


class InvokeApi:
    """Answers Invoke requests with the service's statuses and headers."""

    def __init__(self, functions: FunctionService) -> None:
        self._functions = functions

    async def handle(self, request: HttpRequest) -> HttpResponse:
        wanted = request.header("X-Amz-Invocation-Type") or "RequestResponse"
        if wanted not in _TYPES:
            message = (
                f"1 validation error detected: Value '{wanted}' at 'invocationType' failed to satisfy constraint: "
                "Member must satisfy enum value set: [Event, RequestResponse, DryRun]"
            )
            return _error(400, "ValidationException", json.dumps({"message": message}).encode())
        name, qualifier = function_name(request.path), parse_qs(request.query).get("Qualifier")
        context = request.header("X-Amz-Client-Context")
        try:
            client_context = None if context is None else client_context_json(context)
        except ValueError:
            message = "Client context must be a valid Base64-encoded JSON object."
            body = json.dumps({"Type": "User", "message": message}).encode()
            return _error(400, "InvalidRequestContentException", body)
        outcome = await self._functions.invoke(
            Invocation(
                function=f"{name}:{qualifier[0]}" if qualifier else name,
                payload=request.body,
                invocation_type=_TYPES[wanted],
                source="lambda",
                trace_id=request.header("X-Amzn-Trace-Id"),
                client_context=client_context,
            )
        )
        if outcome.error_type is not None:
            return _error(outcome.status, outcome.error_type, outcome.payload)
        return HttpResponse(status=outcome.status, headers=self._headers(request, outcome), body=outcome.payload)

    def _headers(self, request: HttpRequest, outcome: Outcome) -> tuple[tuple[str, str], ...]:
        headers = [("Content-Type", "application/json"), ("x-amzn-RequestId", outcome.request_id)]
        if outcome.status == 200:
            headers.append(("X-Amz-Executed-Version", outcome.executed_version))
            if outcome.function_error is not None:
                headers.append(("X-Amz-Function-Error", outcome.function_error))
            if request.header("X-Amz-Log-Type") == "Tail":
                headers.append(("X-Amz-Log-Result", self._tail(outcome.request_id)))
        return tuple(headers)

    def _tail(self, request_id: str) -> str:
        lines = [line.line for line in self._functions.log_book.lines() if line.request_id == request_id]
        return base64.b64encode("\n".join(lines).encode()[-LOG_TAIL_BYTES:]).decode()


def _error(status: int, error_type: str, body: bytes) -> HttpResponse:
    return HttpResponse(
        status=status, headers=(("Content-Type", "application/json"), ("x-amzn-ErrorType", error_type)), body=body
    )
