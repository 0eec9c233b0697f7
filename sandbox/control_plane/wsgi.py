"""Between whole requests and WSGI applications."""

from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote

from werkzeug.test import create_environ, run_wsgi_app

from sandbox.edge.http import HttpRequest, HttpResponse

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
WsgiApplication = Callable[[Environ, StartResponse], Iterable[bytes]]


def call(application: WsgiApplication, request: HttpRequest) -> HttpResponse:
    """The application's answer to a request. Blocks."""
    host = request.header("Host") or "localhost"
    environ = create_environ(
        unquote(request.path), base_url=f"http://{host}/", query_string=request.query, method=request.method,
        headers=list(request.headers), data=request.body,
    )  # fmt: skip
    return answered(application, environ)


def answered(application: WsgiApplication, environ: Environ) -> HttpResponse:
    """The application's whole answer. Blocks."""
    answer, status, headers = run_wsgi_app(application, environ, buffered=True)
    kept = tuple((name, value) for name, value in headers if name.lower() not in ("content-length", "connection"))
    return HttpResponse(status=int(status.split(" ")[0]), headers=kept, body=b"".join(answer))


def header(environ: Environ, name: str) -> str | None:
    """A request's header, or None."""
    value: str | None = environ.get(f"HTTP_{name.upper().replace('-', '_')}")
    return value


def send(response: HttpResponse, start_response: StartResponse) -> list[bytes]:
    """A whole answer as an application's."""
    status = HTTPStatus(response.status)
    headers = [*response.headers, ("Content-Length", str(len(response.body)))]
    start_response(f"{status.value} {status.phrase}", headers)
    return [response.body]
