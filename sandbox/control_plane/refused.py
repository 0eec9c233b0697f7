"""AWS's refusals of requests before the control plane, on every backend: what `request_rules` finds goes no further."""

import io
import json
from collections.abc import Callable, Iterable
from xml.sax.saxutils import escape

from sandbox.control_plane import request_rules, wsgi
from sandbox.control_plane.request_rules import Fault
from sandbox.control_plane.wsgi import Environ, StartResponse, WsgiApplication
from sandbox.edge.http import HttpResponse
from sandbox.permissions import calls
from sandbox.permissions.calls import Protocol
from sandbox.standins import parameter_reads
from sandbox.standins.parameter_reads import ParameterReads

QUERY_CODES = frozenset(["cloudwatch", "sqs"])
"""JSON services whose clients know errors by the code of the older protocol, in a header."""
_SERVICES = frozenset(service for service, _ in request_rules.RULES)
_OPERATIONS = frozenset(operation for _, operation in request_rules.RULES) | parameter_reads.OPERATIONS
_THROTTLED = Fault(code=parameter_reads.CODE, message=parameter_reads.TEXT)


class Refused:
    """A WSGI application around the control plane's. `now_ms` is the sandbox's clock; of the Parameter Store so many
    reads a second are answered."""

    def __init__(self, application: WsgiApplication, now_ms: Callable[[], int], parameter_reads_per_s: int) -> None:
        self._application = application
        self._now_ms = now_ms
        self._reads = ParameterReads(parameter_reads_per_s)

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        refused = self._refusal(environ)
        if refused is not None:
            return wsgi.send(refused, start_response)
        return self._application(environ, start_response)

    def _refusal(self, environ: Environ) -> HttpResponse | None:
        target: str | None = environ.get("HTTP_X_AMZ_TARGET")
        if target is not None and target.rpartition(".")[2] not in _OPERATIONS:
            return None
        signer = calls.signer(environ.get("HTTP_AUTHORIZATION"))
        if signer is None or calls.prefix(signer.service) not in _SERVICES:
            return None
        operation = (target or "").rpartition(".")[2]
        if signer.service == "ssm" and self._reads.throttles(operation, self._now_ms()):
            return answer("ssm", _THROTTLED, "json")
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(body)
        call = calls.read(
            signer.service, method=environ["REQUEST_METHOD"], path=environ["PATH_INFO"],
            query=environ.get("QUERY_STRING", ""), header=lambda name: wsgi.header(environ, name), body=body,
        )  # fmt: skip
        fault = request_rules.refusal(call.service, call.operation, call.parameters, now_ms=self._now_ms())
        return answer(call.service, fault, call.protocol) if fault is not None else None


def answer(service: str, fault: Fault, protocol: Protocol) -> HttpResponse:
    """The fault as the service sends it."""
    if protocol == "query":
        body = (
            f"<ErrorResponse><Error><Type>Sender</Type><Code>{fault.code}</Code><Message>{escape(fault.message)}"
            "</Message></Error><RequestId>00000000-0000-0000-0000-000000000000</RequestId></ErrorResponse>"
        )
        return HttpResponse(status=fault.status, headers=(("Content-Type", "text/xml"),), body=body.encode())
    headers = [("Content-Type", "application/x-amz-json-1.0")]
    kind = fault.code
    if service in QUERY_CODES:
        kind = fault.code if fault.code.endswith("Exception") else f"{fault.code}Exception"
        headers.append(("x-amzn-query-error", f"{fault.code};Sender"))
    said = json.dumps({"__type": kind, "message": fault.message})
    return HttpResponse(status=fault.status, headers=tuple(headers), body=said.encode())
