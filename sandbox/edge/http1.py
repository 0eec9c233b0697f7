"""HTTP/1.1 on one socket: requests in, answers out, header names as they were written.

Plain requests are read at once; from the first that is not, `h11` has the connection.
"""

import asyncio
from collections.abc import Sequence

import h11

from sandbox.edge import plain_http1
from sandbox.edge.http import Headers, HttpRequest, HttpResponse

BODY_BYTES = 128 * 1024 * 1024
"""A layer's archive is the largest thing that is ever sent here."""
CALLBACK_BYTES = 10 * 1024 * 1024
"""API Gateway's payload quota: what a callback may send before it is refused unread."""
REQUEST_S = 60.0
"""How long a request may take from its first byte to its last."""
READ_BYTES = 65_536
_NO_BODY = frozenset([101, 204, 304])


class BadRequest(Exception):  # noqa: N818 - it is an answer
    """What came is not HTTP/1.1, or is too large."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class HttpSocket:
    """The server's side of one connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, host: str | None = None) -> None:
        self.reader = reader
        self.writer = writer
        self._received = bytearray()
        self._whole: h11.Connection | None = None
        self._host = host
        self._begun_s: float | None = None
        peer = writer.get_extra_info("peername")
        self._source_ip: str = peer[0] if peer else "127.0.0.1"

    def is_overdue(self, now_s: float) -> bool:
        """True when the request that is being read began too long ago; `now_s` is the event loop's time."""
        return self._begun_s is not None and now_s > self._begun_s + REQUEST_S

    async def next_request(self) -> HttpRequest | None:
        """The next whole request, or None when the client is done. Raises BadRequest."""
        request = await self._next_request()
        self._begun_s = None
        return request

    async def _next_request(self) -> HttpRequest | None:
        if self._whole is None:
            try:
                return await self._read_plain()
            except plain_http1.NotPlainError:
                self._whole = h11.Connection(h11.SERVER, max_incomplete_event_size=READ_BYTES)
                if self._received:
                    self._whole.receive_data(bytes(self._received))
                self._received.clear()
        protocol = self._whole
        if protocol.our_state is h11.DONE:
            if protocol.their_state is not h11.DONE:
                return None
            protocol.start_next_cycle()
        try:
            return await self._read_request(protocol)
        except h11.RemoteProtocolError as error:
            raise BadRequest(error.error_status_hint, "Bad Request") from error

    async def respond(self, response: HttpResponse) -> None:
        """Send the answer to the request just read, as fast as the client takes it."""
        self.write(response)
        await self.writer.drain()

    def write(self, response: HttpResponse) -> None:
        """The same without waiting for the client; 101 leaves the socket to whoever upgraded it."""
        if self._whole is None:
            self.writer.write(plain_http1.written(response.status, response.headers, response.body))
        else:
            self.writer.write(_answer(self._whole, response))

    async def _read_plain(self) -> HttpRequest | None:
        while True:
            plain = plain_http1.read(self._received) if self._received else None
            if plain is not None:
                del self._received[: plain.size]
                return self._request(plain.method, plain.target, plain.headers, plain.body)
            data = await self._read()
            if not data:
                if self._received:
                    raise plain_http1.NotPlainError
                return None
            self._received += data

    async def _read_request(self, protocol: h11.Connection) -> HttpRequest | None:
        head = await self._next_event(protocol)
        if not isinstance(head, h11.Request):
            return None
        if head.http_version not in (b"1.0", b"1.1"):
            raise BadRequest(505, "HTTP Version Not Supported")
        body = bytearray()
        limit = CALLBACK_BYTES if b"connections/" in head.target else BODY_BYTES
        while True:
            event = await self._next_event(protocol)
            if isinstance(event, h11.Data):
                body += event.data
                if len(body) > limit:
                    raise BadRequest(413, "Request Entity Too Large")
            elif isinstance(event, h11.EndOfMessage):
                break
            else:
                return None
        headers = _headers(head.headers.raw_items())
        return self._request(head.method.decode(), head.target.decode("latin-1"), headers, bytes(body))

    def _request(self, method: str, target: str, headers: Headers, body: bytes) -> HttpRequest:
        path, _, query = target.partition("?")
        host = self._host
        if host is None:
            named = next((value for name, value in headers if name.lower() == "host"), "")
            host = named.rpartition(":")[0] or named
        return HttpRequest(
            method=method, host=host, path=path, query=query, headers=headers, body=body, source_ip=self._source_ip
        )

    async def _next_event(self, protocol: h11.Connection) -> object:
        while True:
            event = protocol.next_event()
            if event is h11.NEED_DATA:
                if protocol.they_are_waiting_for_100_continue:
                    self.writer.write(protocol.send(h11.InformationalResponse(status_code=100, headers=[])) or b"")
                protocol.receive_data(await self._read())
                continue
            return event

    async def _read(self) -> bytes:
        data = await self.reader.read(READ_BYTES)
        if self._begun_s is None:
            self._begun_s = asyncio.get_running_loop().time()
        return data


def _answer(protocol: h11.Connection, response: HttpResponse) -> bytes:
    headers = [(name.encode(), value.encode()) for name, value in response.headers]
    if response.status == 101:
        switching = h11.InformationalResponse(status_code=101, headers=headers, reason=b"Switching Protocols")
        return protocol.send(switching) or b""
    if response.status not in _NO_BODY:
        headers.append((b"Content-Length", str(len(response.body)).encode()))
    data = protocol.send(h11.Response(status_code=response.status, headers=headers)) or b""
    if response.body and response.status not in _NO_BODY:
        data += protocol.send(h11.Data(data=response.body)) or b""
    return data + (protocol.send(h11.EndOfMessage()) or b"")


def _headers(raw: Sequence[tuple[bytes, bytes]]) -> Headers:
    return tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in raw)
