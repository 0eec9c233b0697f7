"""One connection of the hot calls' port: a plain request is answered in the moment when its last byte comes."""

import asyncio
from typing import Protocol

from sandbox.edge import plain_http1
from sandbox.edge.http import HttpRequest, HttpResponse
from sandbox.edge.plain_http1 import Plain


class Answers(Protocol):
    """Who answers."""

    def at_once(self, request: HttpRequest) -> HttpResponse | None:
        """The answer, or None where it takes longer to give."""
        ...

    async def later(self, request: HttpRequest) -> HttpResponse:
        """The answer to one that took longer."""
        ...

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take a connection to its end."""
        ...


class HotConnection(asyncio.Protocol):
    """From the first request that is not plain on, the connection is `converse`'s. One that waits for `later` is not
    read meanwhile."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers
        self._received = bytearray()
        self._transport: asyncio.Transport | None = None
        self._task: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        if self._task is None:
            self._go_on()

    def _go_on(self) -> None:
        assert self._transport is not None
        while self._received:
            try:
                plain = plain_http1.read(self._received)
            except plain_http1.NotPlainError:
                self._hand_over(self._transport)
                return
            if plain is None:
                return
            del self._received[: plain.size]
            request = _request(plain)
            answer = self._answers.at_once(request)
            if answer is None:
                self._transport.pause_reading()
                self._task = asyncio.get_running_loop().create_task(self._wait(request))
                return
            self._write(answer)

    async def _wait(self, request: HttpRequest) -> None:
        self._write(await self._answers.later(request))
        self._task = None
        if self._transport is not None and not self._transport.is_closing():
            self._transport.resume_reading()
            self._go_on()

    def _write(self, answer: HttpResponse) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(plain_http1.written(answer.status, answer.headers, answer.body))

    def _hand_over(self, transport: asyncio.Transport) -> None:
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader(loop=loop)
        reader.feed_data(bytes(self._received))
        protocol = asyncio.StreamReaderProtocol(reader, loop=loop)
        transport.set_protocol(protocol)
        protocol.connection_made(transport)
        writer = asyncio.StreamWriter(transport, protocol, reader, loop)
        self._task = loop.create_task(self._answers.converse(reader, writer))


def _request(plain: Plain) -> HttpRequest:
    path, _, query = plain.target.partition("?")
    return HttpRequest(
        method=plain.method, host="127.0.0.1", path=path, query=query, headers=plain.headers, body=plain.body,
        source_ip="127.0.0.1",
    )  # fmt: skip
