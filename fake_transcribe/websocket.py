"""The service's WebSocket side of one connection: one binary message is one event-stream message.

Every refusal comes after the upgrade, as an exception message before the close.
"""

import asyncio
import json
from typing import Any

from websockets.exceptions import ProtocolError
from websockets.frames import CloseCode, Frame, Opcode
from websockets.http11 import Request
from websockets.protocol import CONNECTING, OPEN
from websockets.server import ServerProtocol

from fake_transcribe import errors, limits, messages
from fake_transcribe.errors import ServiceException
from fake_transcribe.live_stream import LiveStream
from fake_transcribe.service import Asked, Transport
from fake_transcribe.socket_end import SocketEnd
from fake_transcribe.streams import Streams

COMPLETED = "Streaming completed successfully"


class PatientProtocol(ServerProtocol):
    """Holds a client's close frame back until told to answer it: some clients close at once after their last audio,
    and take what comes before the answer."""

    patient = True
    held: Frame | None = None

    def recv_frame(self, frame: Frame) -> None:
        if frame.opcode is Opcode.CLOSE and self.state is OPEN and self.patient:
            self.held = self.held or frame
            self.events.append(frame)
        elif self.held is None:
            super().recv_frame(frame)

    def answer_close(self) -> None:
        """Answer the close frame that is held back, if there is one."""
        self.patient = False
        if self.held is not None and self.state is OPEN:
            frame, self.held = self.held, None
            try:
                super().recv_frame(frame)
            except ProtocolError as error:
                self.fail(CloseCode.PROTOCOL_ERROR, str(error))


class WebSocketConnection:
    """Speaks WebSocket on a connection that has asked for it."""

    def __init__(self, *, streams: Streams, end: SocketEnd) -> None:
        self._streams = streams
        self._end = end
        self._protocol = PatientProtocol(
            max_size=limits.FRAME_BYTES, select_subprotocol=lambda _, offered: offered[0] if offered else None
        )
        self._stream: LiveStream | None = None
        self._message: bytearray | None = None
        self._reads = asyncio.Event()
        self._reads.set()

    async def run(self, head: bytes) -> None:
        """From the request's head on, until the client or the stream's fate ends the connection."""
        try:
            # Alone, since the protocol takes no frame before the request is answered.
            self._protocol.receive_data(head)
            for event in self._protocol.events_received():
                await self._handle(event)
            self._flush()
            if self._protocol.state is CONNECTING:
                # Refused; the answer says why.
                return
            while data := await self._end.read():
                self._protocol.receive_data(data)
                for event in self._protocol.events_received():
                    await self._handle(event)
                self._flush()
                if self._protocol.close_expected() and self._stream is None:
                    self._end.close_soon()
                # Bytes that the core has not read yet keep those behind them in the socket.
                await self._reads.wait()
        finally:
            if self._stream is not None:
                self._streams.ended(self._stream)

    async def _handle(self, event: Any) -> None:
        if isinstance(event, Request):
            await self._open(event)
        elif self._stream is None or self._stream.closed:
            if event.opcode is Opcode.CLOSE:
                self._protocol.answer_close()
        elif event.opcode is Opcode.CLOSE:
            self._client_closes()
        elif event.opcode is Opcode.TEXT:
            self._text(event)
        elif event.opcode in (Opcode.BINARY, Opcode.CONT):
            self._binary(event)

    async def _open(self, request: Request) -> None:
        request_id = self._streams.new_id()
        response = self._protocol.accept(request)
        if response.status_code != 101:
            self._protocol.send_response(response)
            return
        host = request.headers.get("Host", "")
        asked = Asked(transport=Transport.WEBSOCKET, method="GET", target=request.path, headers={"host": host})
        opened = self._streams.open(asked, request_id)
        if not isinstance(opened, ServiceException):
            self._stream = self._streams.begin(opened, request_id, wire=self)
            await asyncio.sleep(opened.answer_after_ms / 1000)
        response.headers["x-amzn-RequestId"] = request_id
        response.headers["Strict-Transport-Security"] = "max-age=31536000"
        response.headers["websocket-origin"] = request.headers.get("Origin", "")
        response.headers["websocket-location"] = f"wss://{host}{request.path}"
        self._protocol.send_response(response)
        if isinstance(opened, ServiceException):
            self._streams.observer.exception(request_id, opened.name, opened.message)
            self.send(messages.exception(opened.name, opened.message))
            self._close()
        self._flush()

    def _live(self) -> LiveStream:
        assert self._stream is not None
        return self._stream

    def _text(self, frame: Frame) -> None:
        """One client ends its streams with a text frame; no other is taken."""
        if frame.fin and _says_end(bytes(frame.data)):
            self._live().end_message()
        else:
            self._live().fail(errors.UNEXPECTED_FRAME)

    def _binary(self, frame: Frame) -> None:
        if self._message is None:
            self._message = bytearray()
        self._message += frame.data
        if frame.fin:
            data, self._message = bytes(self._message), None
            self._live().receive_message(data)

    def _client_closes(self) -> None:
        """After an end, what is still to be said is said before the answer; without one the stream is over."""
        if not self._live().ending:
            self._streams.ended(self._live())
            self._protocol.answer_close()

    # the stream's wire

    def send(self, data: bytes) -> None:
        if self._protocol.state is OPEN:
            self._protocol.send_binary(data)
            self._flush()

    def finish(self, exception: ServiceException | None) -> None:  # noqa: ARG002 - a wire's signature
        self._streams.ended(self._live())
        self._close()

    def go_away(self) -> None:
        self._streams.ended(self._live())
        if self._protocol.state is OPEN:
            self._protocol.patient = False
            self._protocol.send_close(CloseCode.GOING_AWAY, "")
        self._flush()
        self._end.close_soon()

    def reset(self) -> None:
        self._streams.ended(self._live())
        self._end.reset()
        self._reads.set()

    def was_read(self, unread_bytes: int) -> None:
        if unread_bytes > limits.FRAME_BYTES // 8 and not self._live().closed:
            self._reads.clear()
        else:
            self._reads.set()

    def _close(self) -> None:
        """1000 with its reason, whether an exception was sent before or not."""
        if self._protocol.state is OPEN:
            self._protocol.patient = False
            self._protocol.send_close(CloseCode.NORMAL_CLOSURE, COMPLETED)
        self._flush()
        self._reads.set()
        if self._protocol.held is not None:
            self._end.close()
        self._end.close_soon()

    def _flush(self) -> None:
        for data in self._protocol.data_to_send():
            if data:
                self._end.write(data)
            else:
                self._end.close()


def _says_end(data: bytes) -> bool:
    try:
        said = json.loads(data)
    except ValueError:
        return False
    return isinstance(said, dict) and said.get("event") == "end"
