"""HTTP/1.1 on one socket, with `h11`: requests in, answers out, header names as they were written."""

import asyncio
from collections.abc import Sequence

import h11

from sandbox.edge.http import Headers, HttpRequest, HttpResponse

BODY_BYTES = 128 * 1024 * 1024
"""A layer's archive is the largest thing that is ever sent here."""
READ_BYTES = 65_536
_NO_BODY = frozenset([101, 204, 304])
_KEPT_ON_UPGRADE = frozenset([b"upgrade", b"connection"])


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
        self._protocol = h11.Connection(h11.SERVER, max_incomplete_event_size=READ_BYTES)
        self._host = host
        peer = writer.get_extra_info("peername")
        self._source_ip: str = peer[0] if peer else "127.0.0.1"

    async def next_request(self) -> HttpRequest | None:
        """The next whole request, or None when the client is done. Raises BadRequest."""
        if self._protocol.our_state is h11.DONE:
            if self._protocol.their_state is not h11.DONE:
                return None
            self._protocol.start_next_cycle()
        try:
            return await self._read_request()
        except h11.RemoteProtocolError as error:
            raise BadRequest(error.error_status_hint, "Bad Request") from error

    async def respond(self, response: HttpResponse) -> None:
        """Send the answer to the request just read; 101 leaves the socket to whoever upgraded it."""
        headers = [(name.encode(), value.encode()) for name, value in response.headers]
        if response.status == 101:
            event: h11.Response | h11.InformationalResponse = h11.InformationalResponse(
                status_code=101, headers=headers, reason=b"Switching Protocols"
            )
            self.writer.write(self._protocol.send(event) or b"")
            await self.writer.drain()
            return
        if response.status not in _NO_BODY:
            headers.append((b"Content-Length", str(len(response.body)).encode()))
        event = h11.Response(status_code=response.status, headers=headers)
        data = self._protocol.send(event) or b""
        if response.body and response.status not in _NO_BODY:
            data += self._protocol.send(h11.Data(data=response.body)) or b""
        data += self._protocol.send(h11.EndOfMessage()) or b""
        self.writer.write(data)
        await self.writer.drain()

    async def _read_request(self) -> HttpRequest | None:
        head = await self._next_event()
        if not isinstance(head, h11.Request):
            return None
        body = bytearray()
        while True:
            event = await self._next_event()
            if isinstance(event, h11.Data):
                body += event.data
                if len(body) > BODY_BYTES:
                    raise BadRequest(413, "Request Entity Too Large")
            elif isinstance(event, h11.EndOfMessage):
                break
            else:
                return None
        target = head.target.decode("latin-1")
        path, _, query = target.partition("?")
        headers = _headers(head.headers.raw_items())
        host = next((value for name, value in headers if name.lower() == "host"), "")
        return HttpRequest(
            method=head.method.decode(),
            host=self._host or host.rpartition(":")[0] or host,
            path=path,
            query=query,
            headers=headers,
            body=bytes(body),
            source_ip=self._source_ip,
        )

    async def _next_event(self) -> object:
        while True:
            event = self._protocol.next_event()
            if event is h11.NEED_DATA:
                if self._protocol.they_are_waiting_for_100_continue:
                    self.writer.write(
                        self._protocol.send(h11.InformationalResponse(status_code=100, headers=[])) or b""
                    )
                self._protocol.receive_data(await self.reader.read(READ_BYTES))
                continue
            return event


def _headers(raw: Sequence[tuple[bytes, bytes]]) -> Headers:
    return tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in raw)
