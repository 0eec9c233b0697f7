"""Requests on one connection of the hot calls' port are answered in their order, whoever answers."""

import asyncio
from collections.abc import Awaitable, Callable

from sandbox.control_plane.hot_connection import HotConnection
from sandbox.edge.http import HttpRequest, HttpResponse

Dialogue = Callable[[asyncio.StreamReader, asyncio.StreamWriter, "Desk"], Awaitable[None]]


class Desk:
    """Answers `/now` at once and all else when `opened`; says who converses."""

    def __init__(self) -> None:
        self.opened, self.waited_for = asyncio.Event(), asyncio.Event()
        self.asked: list[str] = []
        self.conversed = b""

    def at_once(self, request: HttpRequest) -> HttpResponse | None:
        self.asked.append(request.path)
        return HttpResponse(status=200, body=request.body) if request.path == "/now" else None

    async def later(self, request: HttpRequest) -> HttpResponse:
        self.waited_for.set()
        await self.opened.wait()
        return HttpResponse(status=201, body=request.path.encode())

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.conversed = await reader.read()
        writer.write(b"whole")
        writer.close()


def request(path: str, body: str = "") -> bytes:
    return f"POST {path} HTTP/1.1\r\nHost: us\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()


def answer(status: str, body: str) -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()


def on_connection(act: Dialogue) -> None:
    async def main() -> None:
        desk = Desk()
        server = await asyncio.get_running_loop().create_server(lambda: HotConnection(desk), "127.0.0.1", 0)
        async with server, asyncio.timeout(5):
            reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname()[:2])
            await act(reader, writer, desk)
            writer.close()

    asyncio.run(main())


def test_requests_that_come_together_are_answered_in_their_order():
    async def act(reader, writer, desk):
        writer.write(request("/now", "a") + request("/later") + request("/now", "b"))
        first = answer("200 OK", "a")
        assert await reader.readexactly(len(first)) == first
        assert desk.asked == ["/now", "/later"]
        desk.opened.set()
        rest = answer("201 Created", "/later") + answer("200 OK", "b")
        assert await reader.readexactly(len(rest)) == rest

    on_connection(act)


def test_one_that_comes_while_another_waits_is_not_lost():
    async def act(reader, writer, desk):
        writer.write(request("/later"))
        await desk.waited_for.wait()
        writer.write(request("/now", "c"))
        desk.opened.set()
        both = answer("201 Created", "/later") + answer("200 OK", "c")
        assert await reader.readexactly(len(both)) == both

    on_connection(act)


def test_a_request_in_pieces_is_whole_when_its_last_byte_is_there():
    async def act(reader, writer, desk):
        whole = request("/now", "abc")
        for place in range(len(whole)):
            writer.write(whole[place : place + 1])
            await writer.drain()
        expected = answer("200 OK", "abc")
        assert await reader.readexactly(len(expected)) == expected
        assert desk.asked == ["/now"]

    on_connection(act)


def test_what_is_not_plain_takes_the_connection_with_it_from_its_first_byte():
    odd = b"POST / HTTP/1.1\r\nHost: us\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"

    async def act(reader, writer, desk):
        writer.write(request("/now", "a") + odd)
        writer.write_eof()
        assert await reader.read() == answer("200 OK", "a") + b"whole"
        assert desk.conversed == odd

    on_connection(act)


def test_a_client_that_is_gone_is_not_written_to():
    async def act(_reader, writer, desk):
        writer.write(request("/later"))
        await desk.waited_for.wait()
        writer.transport.abort()
        desk.opened.set()
        for _ in range(5):
            await asyncio.sleep(0)

    on_connection(act)
