"""What callers are told once the control plane has ended: in their protocol, and so that no client tries again. Pure.

A client that finds nobody at its endpoint tries for minutes; one that is answered says at once what there is to do.
"""

import json
from xml.sax.saxutils import escape

from sandbox.edge.http import HttpRequest, HttpResponse
from sandbox.permissions import calls

CODE = "ControlPlaneEnded"
TEXT = "expected the control plane to go on, it has ended and what was deployed with it: start again with 'sandbox up'"


def answer(request: HttpRequest) -> HttpResponse:
    """400 with the code and the text."""
    signer = calls.signer(request.header("Authorization"), request.query)
    if signer is None:
        return _json()
    call = calls.read(
        signer.service, method=request.method, path=request.path, query=request.query, header=request.header,
        body=request.body,
    )  # fmt: skip
    error = f"<Code>{CODE}</Code><Message>{escape(TEXT)}</Message>"
    match call.protocol:
        case "query":
            return _xml(f"<ErrorResponse><Error><Type>Sender</Type>{error}</Error></ErrorResponse>")
        case "rest-xml":
            return _xml(f"<Error>{error}</Error>")
        case _:
            return _json()


def _xml(body: str) -> HttpResponse:
    return HttpResponse(status=400, headers=(("Content-Type", "text/xml"),), body=body.encode())


def _json() -> HttpResponse:
    headers = (("Content-Type", "application/x-amz-json-1.0"), ("x-amzn-ErrorType", CODE))
    return HttpResponse(status=400, headers=headers, body=json.dumps({"__type": CODE, "message": TEXT}).encode())
