"""RFC 6455 within API Gateway's limits: a client's bytes in, messages out, and the other way round. Pure.

Framing is that of `websockets`' sans-I/O protocol. What is kept is bounded: one frame that is not complete, and one
message.
"""

from dataclasses import dataclass

from websockets.frames import Close, CloseCode, Frame, Opcode
from websockets.protocol import Protocol, Side
from websockets.protocol import State as ProtocolState

from sandbox.gateway import limits

NO_STATUS = "Client-side close frame status not set"
"""WS-07."""


@dataclass(frozen=True, slots=True)
class Text:
    """A whole text message."""

    body: str


@dataclass(frozen=True, slots=True)
class Broken:
    """The client sent what cannot be taken; `code` is the close code for it."""

    code: int


@dataclass(frozen=True, slots=True)
class ClientClose:
    """The client's close frame."""

    code: int
    reason: str


Received = Text | Broken | ClientClose


class Wire:
    """One connection's bytes. After `Broken`, nothing is answered any more; after bytes that are no frames, nothing is
    read."""

    def __init__(self) -> None:
        self._protocol = Protocol(
            Side.SERVER, state=ProtocolState.OPEN, max_size=(limits.MESSAGE_BYTES, limits.FRAME_BYTES)
        )
        self._message = bytearray()
        self._out: list[bytes] = []
        self._broken = False
        self.unreadable = False

    def receive(self, data: bytes) -> list[Received]:
        """What the client's bytes complete; pings are answered on the way."""
        protocol = self._protocol
        was_open = protocol.state is ProtocolState.OPEN
        protocol.receive_data(data)
        found: list[Received] = []
        for frame in protocol.events_received():
            if isinstance(frame, Frame):
                self._take(frame, found)
        if protocol.parser_exc is not None and not self.unreadable:
            self.unreadable = True
            if was_open and protocol.close_sent is not None:
                self._break(int(protocol.close_sent.code), found)
            elif protocol.close_rcvd is not None:
                # It answers our close frame in the middle of a message, which it may.
                found.append(self._client_close(protocol.close_rcvd))
        written = protocol.data_to_send()
        # Once broken, the close frame is ours: the library's own would describe the fault.
        if written and not self._broken:
            self._out += written
        return found

    def text(self, data: bytes) -> None:
        """Send one text message, in frames of at most 32 KB (WS-56); nothing once a close frame has been sent."""
        if self._protocol.state is not ProtocolState.OPEN:
            return
        step = limits.FRAME_BYTES
        if len(data) <= step:
            self._protocol.send_text(data)
            return
        self._protocol.send_text(data[:step], fin=False)
        for start in range(step, len(data), step):
            self._protocol.send_continuation(data[start : start + step], fin=start + step >= len(data))

    def close(self, code: int, reason: str) -> None:
        """Send a close frame, once."""
        if self._protocol.state is ProtocolState.OPEN:
            self._protocol.send_close(code, reason)
        else:
            self._out.append(Frame(Opcode.CLOSE, Close(code, reason).serialize()).serialize(mask=False))

    def take(self) -> bytes:
        """What is to be sent."""
        self._out += self._protocol.data_to_send()
        data = b"".join(self._out)
        self._out.clear()
        return data

    def _take(self, frame: Frame, found: list[Received]) -> None:
        match frame.opcode:
            case Opcode.TEXT | Opcode.CONT:
                # One buffer for the whole message: an endless row of empty frames costs nothing.
                self._message += frame.data
                if frame.fin:
                    data, self._message = self._message, bytearray()
                    try:
                        found.append(Text(data.decode()))
                    except UnicodeDecodeError:
                        self._break(CloseCode.INVALID_DATA, found)
            case Opcode.BINARY:
                self._break(CloseCode.UNSUPPORTED_DATA, found)
            case Opcode.CLOSE:
                if self._protocol.close_rcvd is not None:
                    found.append(self._client_close(self._protocol.close_rcvd))

    def _break(self, code: int, found: list[Received]) -> None:
        self._broken = True
        found.append(Broken(int(code)))

    @staticmethod
    def _client_close(received: Close) -> ClientClose:
        has_code = received.code != CloseCode.NO_STATUS_RCVD
        return ClientClose(int(received.code), received.reason if has_code else NO_STATUS)
