"""One connection with its socket, its timer and its invocations: effects carried out, bytes fed in."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from sandbox.clock import LiveClock, Timer
from sandbox.edge.http import HttpResponse
from sandbox.gateway import limits
from sandbox.gateway.connection import Connection
from sandbox.gateway.effects import Closed, Drop, Effect, Invoke, Respond, Send, Told
from sandbox.gateway.lifecycle import State

READ_BYTES = 65_536


@dataclass(kw_only=True, eq=False)
class LiveConnection:
    """`respond` writes the handshake's answer; `invoke` is given each invocation, `on_answered` the handshake's
    answer, `on_told` each failure that the client is told of, and `on_closed` the end, which comes once."""

    connection: Connection
    clock: LiveClock
    writer: asyncio.StreamWriter
    respond: Callable[[HttpResponse], None]
    invoke: Callable[["LiveConnection", Invoke], None]
    on_answered: Callable[["LiveConnection", Respond], None]
    on_told: Callable[["LiveConnection", Told], None]
    on_closed: Callable[["LiveConnection", int, str], None]
    answered: "asyncio.Future[int]" = field(default_factory=lambda: asyncio.get_running_loop().create_future())
    _timer: Timer | None = None

    async def serve(self, reader: asyncio.StreamReader) -> None:
        """Take the connection from the handshake to its end."""
        try:
            self.carry_out(self.connection.begin(self.clock.now_ms()))
            if await self.answered == 101:
                await self._read(reader)
        finally:
            self.release()

    def carry_out(self, effects: list[Effect]) -> None:
        """Do what the connection asks, in order."""
        is_stalled = False
        for effect in effects:
            match effect:
                case Send():
                    is_stalled = is_stalled or self.waiting_bytes() > limits.SEND_BUFFER_BYTES
                    if not is_stalled:
                        self._send(effect)
                case Invoke():
                    self.invoke(self, effect)
                    self._wake_by(effect.deadline_ms)
                case Respond(status=status):
                    self.respond(HttpResponse(status=status, headers=effect.headers, body=effect.body))
                    self.on_answered(self, effect)
                    self.answered.set_result(status)
                    self._arm()
                case Told():
                    self.on_told(self, effect)
                case Closed(code=code, reason=reason):
                    self.on_closed(self, code, reason)
                    self._arm()
                case Drop(abruptly=abruptly):
                    self._drop(abruptly=abruptly)
        if is_stalled:
            self.carry_out(self.connection.stalled(self.clock.now_ms()))

    def waiting_bytes(self) -> int:
        """What waits for the client to read it."""
        return self.writer.transport.get_write_buffer_size()

    def post(self, data: bytes) -> None:
        """Send one text message."""
        self.carry_out(self.connection.post(data, self.clock.now_ms()))

    def delete(self) -> None:
        """Close the connection."""
        self.carry_out(self.connection.delete(self.clock.now_ms()))

    def shut_down(self) -> None:
        """Close the connection because its stage, or the gateway, is no more."""
        self.carry_out(self.connection.shut_down(self.clock.now_ms()))

    def release(self) -> None:
        """Give up socket and timer; what waits for a client that does not read is kept only for a while."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._drop(abruptly=False)

    async def _read(self, reader: asyncio.StreamReader) -> None:
        connection, clock = self.connection, self.clock
        while connection.state in (State.OPEN, State.CLOSING):
            try:
                # A client that does not take our answers is not asked for more.
                await self.writer.drain()
                data = await reader.read(READ_BYTES)
            except ConnectionError:
                data = b""
            if not data:
                self.carry_out(connection.lost(clock.now_ms()))
                return
            self.carry_out(connection.received(data, clock.now_ms()))

    def _send(self, effect: Send) -> None:
        if self.writer.is_closing():
            return
        self.writer.write(effect.data)
        if effect.last and self.writer.can_write_eof():
            self.writer.write_eof()

    def _drop(self, *, abruptly: bool) -> None:
        if abruptly:
            self.writer.transport.abort()
            return
        self.writer.close()
        if self.waiting_bytes():
            self.clock.call_at(self.clock.now_ms() + limits.CLOSE_HANDSHAKE_MS, self.writer.transport.abort)

    def _wake_by(self, deadline_ms: int) -> None:
        """Wake for a deadline that is before all others. One that is put off later needs nothing: the timer then finds
        nothing due, and takes the next."""
        if self._timer is None or deadline_ms < self._timer.at_ms:
            self._arm()

    def _arm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        deadline_ms = self.connection.next_deadline_ms
        self._timer = None if deadline_ms is None else self.clock.call_at(deadline_ms, self._tick)

    def _tick(self) -> None:
        self.carry_out(self.connection.tick(self.clock.now_ms()))
        self._arm()
