"""The guard before the control plane: what a role, or a resource's own policy, does not allow goes no further.

Nor does a call of a service that was told to fail.
"""

import io
from collections.abc import Callable, Iterable

from sandbox.control_plane import wsgi
from sandbox.control_plane.wsgi import Environ, StartResponse, WsgiApplication
from sandbox.edge.http import HttpResponse
from sandbox.permissions import calls, refusals
from sandbox.permissions.guard import Guard
from sandbox.permissions.needs import needs
from sandbox.standins.failing import FailingServices

Header = Callable[[str], str | None]


def refusal(
    guard: Guard, *, method: str, path: str, query: str, header: Header, body: Callable[[], bytes]
) -> HttpResponse | None:
    """The answer to a request that is not allowed, else None; `body` is read only where it is asked for."""
    signer = calls.signer(header("Authorization"), query)
    if signer is None or not (guard.knows(signer.access_key) or guard.is_service(signer.access_key)):
        return None
    call = calls.read(signer.service, method=method, path=path, query=query, header=header, body=body())
    wanted = needs(call.service, call.operation, call.parameters, guard.place)
    if guard.is_service(signer.access_key):
        refused = guard.admit(signer.access_key, wanted[0], source_arn=header("X-Amz-Source-Arn") or "")
    else:
        refused = guard.check(signer.access_key, wanted)
    return refusals.answer(refused, call.protocol) if refused is not None else None


def failure(failing: FailingServices, header: Header) -> HttpResponse | None:
    """The answer to a request whose service was told to fail, else None."""
    return failing.answer(authorization=header("Authorization") or "", target=header("X-Amz-Target") or "")


class Guarded:
    """A WSGI application around the control plane's."""

    def __init__(self, application: WsgiApplication, guard: Guard, failing: FailingServices) -> None:
        self._application = application
        self._guard = guard
        self._failing = failing

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        def body() -> bytes:
            read: bytes = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            environ["wsgi.input"] = io.BytesIO(read)
            return read

        def header(name: str) -> str | None:
            return wsgi.header(environ, name)

        refused = refusal(
            self._guard, method=environ["REQUEST_METHOD"], path=environ["PATH_INFO"],
            query=environ.get("QUERY_STRING", ""), header=header, body=body,
        ) or failure(self._failing, header)  # fmt: skip
        if refused is None:
            return self._application(environ, start_response)
        return wsgi.send(refused, start_response)
