"""The network between clients and the gateway in a simulation: bytes that arrive later, in order.

Both ends are the live world's: the clients of `sandbox.client` and the gateway with its pure connections.
"""

import asyncio
import base64
import random
from collections import deque
from typing import Any
from urllib.parse import urlsplit

from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosedError, ConnectionClosedOK, InvalidStatus
from websockets.frames import Close, Frame, Opcode
from websockets.http11 import Response
from websockets.protocol import Protocol, Side, State

from sandbox.edge.http import HttpRequest, HttpResponse
from sandbox.gateway.limits import SEND_BUFFER_BYTES
from sandbox.gateway.service import Gateway
from sandbox.sim.latency import LatencyModel
from sandbox.sim.scheduler import US_PER_S

HANDSHAKE_KEY = base64.b64encode(bytes(16)).decode()
FULL_BYTES = SEND_BUFFER_BYTES + 1
CLOSE_WITHIN_S = 10.0
"""`websockets` waits this long for the answer to its close frame."""


class Network:
    """Makes connections. `url` is what clients are given as the gateway's address."""

    def __init__(
        self, *, gateway: Gateway, api_id: str, stage: str, latency: LatencyModel, chance: random.Random
    ) -> None:
        self._gateway = gateway
        self._api_id = api_id
        self._stage = stage
        self._latency = latency
        self._chance = chance
        self._serving: set[asyncio.Task[None]] = set()
        self.url = f"wss://{api_id}.execute-api.us-east-1.amazonaws.com/{stage}"

    async def connect(self, url: str, *, local_addr: tuple[str, int] = ("127.0.0.1", 0), **_: Any) -> "SimulatedSocket":
        """In the place of `websockets.connect`. Raises InvalidStatus with the gateway's answer."""
        parts = urlsplit(url)
        request = HttpRequest(
            method="GET", host=parts.hostname or "", path=parts.path, query=parts.query, source_ip=local_addr[0],
            headers=(
                ("Host", parts.hostname or ""), ("Upgrade", "websocket"), ("Connection", "Upgrade"),
                ("Sec-WebSocket-Key", HANDSHAKE_KEY), ("Sec-WebSocket-Version", "13"), ("User-Agent", "simulated"),
            ),
            body=b"",
        )  # fmt: skip
        socket = SimulatedSocket(up=self._way(), down=self._way())
        answered: asyncio.Future[HttpResponse] = asyncio.get_running_loop().create_future()

        def respond(response: HttpResponse) -> None:
            socket.down.send(lambda: None if answered.done() else answered.set_result(response))

        def arrive() -> None:
            task = asyncio.create_task(
                self._gateway.serve(
                    request, api_id=self._api_id, stage_name=self._stage, reader=socket.reader,
                    writer=socket.writer, respond=respond,  # type: ignore[arg-type] # what the gateway uses of a writer
                )
            )  # fmt: skip
            self._serving.add(task)
            task.add_done_callback(self._serving.discard)

        socket.up.send(arrive)
        try:
            response = await answered
        except asyncio.CancelledError:
            socket.vanish()
            raise
        if response.status != 101:
            raise InvalidStatus(Response(response.status, "", Headers(response.headers), response.body))
        return socket

    def _way(self) -> "_Way":
        return _Way(self._latency, self._chance)


class _Way:
    """One direction: each thing arrives after a delay of its own, but never before what was sent earlier."""

    def __init__(self, latency: LatencyModel, chance: random.Random) -> None:
        self._latency = latency
        self._chance = chance
        self._loop = asyncio.get_running_loop()
        self._last_s = 0.0

    def send(self, arrive: Any) -> None:
        delay_us = self._latency.draw_us(self._latency.client_way, self._chance)
        self._last_s = max(self._last_s, self._loop.time() + delay_us / US_PER_S)
        self._loop.call_at(self._last_s, arrive)


class _Writer:
    """What the gateway uses of an `asyncio.StreamWriter`."""

    def __init__(self, socket: "SimulatedSocket") -> None:
        self._socket = socket
        self._closing = False
        self.transport = self

    def write(self, data: bytes) -> None:
        self._socket.down.send(lambda: self._socket.receive(data))

    def is_closing(self) -> bool:
        return self._closing

    def close(self) -> None:
        if not self._closing:
            self._closing = True
            self._socket.down.send(self._socket.lose)

    def abort(self) -> None:
        self.close()

    def get_write_buffer_size(self) -> int:
        """Full where the client reads nothing: what the machines between hold is long used up."""
        return FULL_BYTES if self._socket.deaf else 0

    async def drain(self) -> None:
        """The network takes everything."""

    def can_write_eof(self) -> bool:
        return False


class SimulatedSocket:
    """A client's connection, as `sandbox.client` uses that of `websockets`."""

    def __init__(self, *, up: _Way, down: _Way) -> None:
        self.up, self.down = up, down
        self.reader = asyncio.StreamReader()
        self.writer = _Writer(self)
        self._protocol = Protocol(Side.CLIENT, state=State.OPEN)
        self._messages: deque[str] = deque()
        self._parts: list[bytes] = []
        self._arrived = asyncio.Event()
        self._lost = False
        self.deaf = False
        """The client reads no more."""

    async def send(self, text: str) -> None:
        self._check_open()
        self._protocol.send_text(text.encode())
        self._flush()

    async def recv(self, decode: bool | None = None) -> str:  # noqa: ARG002 - the name of `websockets`
        while not self._messages:
            self._check_open()
            self._arrived.clear()
            await self._arrived.wait()
        return self._messages.popleft()

    async def close(self, code: int = 1000, reason: str = "") -> None:
        if self._protocol.state is State.OPEN and not self._lost:
            self._protocol.send_close(code, reason)
            self._flush()
        try:
            async with asyncio.timeout(CLOSE_WITHIN_S):
                while not self._lost:
                    self._arrived.clear()
                    await self._arrived.wait()
        except TimeoutError:
            self.lose()

    def vanish(self) -> None:
        """The client's network is gone: nobody is told, and nothing is answered."""
        self.up.send(self.reader.feed_eof)
        self.lose()

    # what arrives

    def receive(self, data: bytes) -> None:
        if self._lost:
            return
        self._protocol.receive_data(data)
        for event in self._protocol.events_received():
            if isinstance(event, Frame) and event.opcode in (Opcode.TEXT, Opcode.CONT):
                self._parts.append(bytes(event.data))
                if event.fin:
                    self._messages.append(b"".join(self._parts).decode())
                    self._parts.clear()
        self._flush()
        self._arrived.set()

    def lose(self) -> None:
        """The connection is over."""
        if not self._lost:
            self._lost = True
            if not self.reader.at_eof():
                self.up.send(self.reader.feed_eof)
            self._arrived.set()

    def _flush(self) -> None:
        data = b"".join(self._protocol.data_to_send())
        if data:
            self.up.send(lambda: self.reader.feed_data(data))

    def _check_open(self) -> None:
        if self._lost or self._protocol.state is not State.OPEN:
            received: Close | None = self._protocol.close_rcvd
            if received is not None and received.code in (1000, 1001):
                raise ConnectionClosedOK(received, self._protocol.close_sent, True)
            raise ConnectionClosedError(received, self._protocol.close_sent, None)
