"""The Runtime API of one execution environment (L-01, L-02): a port of its own, HTTP/1.1 as the runtime client
speaks it.

Each environment has its own port, because the runtime client's error path takes no path prefix in
`AWS_LAMBDA_RUNTIME_API`.
"""

import asyncio
import re
from http import HTTPStatus
from typing import Protocol

from sandbox.functions import posts
from sandbox.functions.posts import Post, PostRefusal

PREFIX = "/2018-06-01/runtime/"
_ACCEPTED = b'HTTP/1.1 202 Accepted\r\nContent-Type: application/json\r\nContent-Length: 16\r\n\r\n{"status":"OK"}\n'
_UNKNOWN = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d+)", re.IGNORECASE)
_EXPECTS = re.compile(rb"\r\nexpect:[ \t]*100-continue", re.IGNORECASE)
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


class Runtime(Protocol):
    """Who is told what the runtime client asks and posts."""

    def judge(self, post: Post, request_id: str | None, size: int) -> PostRefusal | None: ...
    def on_next(self) -> None: ...
    def on_response(self, request_id: str, payload: bytes) -> None: ...
    def on_error(self, request_id: str, payload: bytes) -> None: ...
    def on_init_error(self, payload: bytes) -> None: ...


class RuntimeConnection(asyncio.Protocol):
    """One connection of the runtime client; a poll is left open until `answer_next`."""

    def __init__(self, api: "RuntimeApi") -> None:
        self._api = api
        self._received = bytearray()
        self._transport: asyncio.Transport | None = None
        self._continued = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._api.connections.add(transport)

    def connection_lost(self, _error: Exception | None) -> None:
        if self._transport is not None:
            self._api.connections.discard(self._transport)

    def data_received(self, data: bytes) -> None:
        self._received += data
        while (end := self._received.find(b"\r\n\r\n")) >= 0:
            head = bytes(self._received[:end])
            found = _LENGTH.search(head)
            length = int(found[1]) if found is not None else 0
            if len(self._received) < end + 4 + length:
                if _EXPECTS.search(head) is not None and not self._continued:
                    self._continued = True
                    self.write(_CONTINUE)
                return
            self._continued = False
            body = bytes(self._received[end + 4 : end + 4 + length])
            del self._received[: end + 4 + length]
            method, target, _ = head.decode("latin-1").split(" ", 2)
            self._api.take(self, method, target, body)

    def write(self, data: bytes) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(data)


class RuntimeApi:
    """The listening port of one environment."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._waiting: RuntimeConnection | None = None
        self._server: asyncio.Server | None = None
        self.connections: set[asyncio.Transport] = set()

    async def start(self) -> int:
        """Listen on a free loopback port; returns it."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: RuntimeConnection(self), "127.0.0.1", 0)
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    def stop(self) -> None:
        if self._server is not None:
            self._server.close()
        for transport in self.connections:
            transport.abort()

    def answer_next(
        self,
        *,
        request_id: str,
        deadline_ms: int,
        arn: str,
        trace_id: str,
        client_context: str | None,
        payload: bytes,
    ) -> None:
        """Answer the open poll with a request; `client_context` is the caller's JSON."""
        assert self._waiting is not None
        context = "" if client_context is None else f"Lambda-Runtime-Client-Context: {client_context}\r\n"
        head = (
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
            f"Lambda-Runtime-Aws-Request-Id: {request_id}\r\nLambda-Runtime-Deadline-Ms: {deadline_ms}\r\n"
            f"Lambda-Runtime-Invoked-Function-Arn: {arn}\r\nLambda-Runtime-Trace-Id: {trace_id}\r\n"
            f"{context}Content-Length: {len(payload)}\r\n\r\n"
        )
        self._waiting.write(head.encode("latin-1") + payload)
        self._waiting = None

    def take(self, connection: RuntimeConnection, method: str, target: str, body: bytes) -> None:
        """One request of the runtime client."""
        path = target.removeprefix(PREFIX).split("/")
        match (method, path):
            case ("GET", ["invocation", "next"]):
                self._waiting = connection
                self._runtime.on_next()
            case ("POST", ["invocation", request_id, "response"]):
                if self._takes(connection, "response", request_id, body):
                    self._runtime.on_response(request_id, body)
            case ("POST", ["invocation", request_id, "error"]):
                if self._takes(connection, "error", request_id, body):
                    self._runtime.on_error(request_id, body)
            case ("POST", ["init", "error"]):
                if self._takes(connection, "init/error", None, body):
                    self._runtime.on_init_error(body)
            case _:
                connection.write(_UNKNOWN)

    def _takes(self, connection: RuntimeConnection, post: Post, request_id: str | None, body: bytes) -> bool:
        """Answer a post; True when the environment is to hear of it, as of a result that is too large."""
        refusal = self._runtime.judge(post, request_id, len(body))
        if refusal is None:
            connection.write(_ACCEPTED)
            return True
        head = f"HTTP/1.1 {refusal.status} {HTTPStatus(refusal.status).phrase}\r\nContent-Type: application/json\r\n"
        connection.write(f"{head}Content-Length: {len(refusal.body)}\r\n\r\n".encode() + refusal.body)
        return refusal is posts.TOO_LARGE
