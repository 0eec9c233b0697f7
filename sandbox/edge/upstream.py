"""Requests passed on to the control plane over kept-alive connections."""

import asyncio
import contextlib
from urllib.parse import urlsplit

import h11

from sandbox.edge import ended
from sandbox.edge.http import HttpRequest, HttpResponse

IDLE_CONNECTIONS = 16
READ_BYTES = 262_144
_HOP_HEADERS = frozenset(["connection", "keep-alive", "transfer-encoding", "proxy-connection", "expect", "te"])


class Upstream:
    """The control plane's HTTP server, as the edge uses it."""

    def __init__(self, url: str) -> None:
        address = urlsplit(url)
        self._host, self._port = address.hostname or "localhost", address.port or 80
        self._idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter, h11.Connection]] = []

    async def handle(self, request: HttpRequest) -> HttpResponse:
        """Pass a request on; who is to be answered by a control plane that has ended is told so."""
        for fresh in (False, True):
            try:
                return await self._attempt(request, fresh=fresh)
            except (ConnectionError, h11.RemoteProtocolError, asyncio.IncompleteReadError):
                continue
        return ended.answer(request)

    def stop(self) -> None:
        for _, writer, _ in self._idle:
            writer.close()
        self._idle.clear()

    async def _attempt(self, request: HttpRequest, *, fresh: bool) -> HttpResponse:
        if self._idle and not fresh:
            reader, writer, protocol = self._idle.pop()
        else:
            reader, writer = await asyncio.open_connection(self._host, self._port)
            protocol = h11.Connection(h11.CLIENT)
        try:
            response = await self._exchange(reader, writer, protocol, request)
        except BaseException:
            writer.close()
            raise
        if protocol.our_state is h11.DONE and protocol.their_state is h11.DONE and len(self._idle) < IDLE_CONNECTIONS:
            protocol.start_next_cycle()
            self._idle.append((reader, writer, protocol))
        else:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()
        return response

    @staticmethod
    async def _exchange(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter, protocol: h11.Connection, request: HttpRequest
    ) -> HttpResponse:
        target = f"{request.path}?{request.query}" if request.query else request.path
        headers = [
            (name, value)
            for name, value in request.headers
            if name.lower() not in _HOP_HEADERS and name.lower() != "content-length"
        ]
        if request.body or request.method in ("POST", "PUT"):
            headers.append(("Content-Length", str(len(request.body))))
        head = h11.Request(method=request.method, target=target, headers=headers)
        data = protocol.send(head) or b""
        if request.body:
            data += protocol.send(h11.Data(data=request.body)) or b""
        writer.write(data + (protocol.send(h11.EndOfMessage()) or b""))
        await writer.drain()
        answered: h11.Response | None = None
        body = bytearray()
        while True:
            event = protocol.next_event()
            if event is h11.NEED_DATA:
                protocol.receive_data(await reader.read(READ_BYTES))
            elif isinstance(event, h11.Response):
                answered = event
            elif isinstance(event, h11.Data):
                body += event.data
            elif isinstance(event, h11.EndOfMessage):
                break
            elif isinstance(event, h11.ConnectionClosed):
                raise ConnectionResetError
        assert answered is not None
        kept = tuple(
            (name.decode("latin-1"), value.decode("latin-1"))
            for name, value in answered.headers.raw_items()
            if name.lower().decode() not in _HOP_HEADERS and name.lower() != b"content-length"
        )
        return HttpResponse(status=answered.status_code, headers=kept, body=bytes(body))
