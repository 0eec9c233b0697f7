"""The service's HTTP/2 side of one connection: one stream, headers at once, flow control both ways."""

import asyncio
import json
from collections import deque
from typing import Any

import h2.config
import h2.connection
import h2.errors
import h2.events
import h2.exceptions
from hyperframe.frame import GoAwayFrame

from fake_transcribe import errors, limits
from fake_transcribe.errors import ServiceException
from fake_transcribe.live_stream import LiveStream
from fake_transcribe.service import Asked, Transport, refusal
from fake_transcribe.socket_end import SocketEnd
from fake_transcribe.streams import Streams

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
WINDOW_BYTES = 1_048_576
FRAME_HEAD_BYTES = 9


class GracefulH2(h2.connection.H2Connection):
    """A client's early GOAWAY announces no new streams and says nothing of the open one (RFC 9113, 6.8).

    And a frame that is longer than allowed is refused when its length is there; h2 would first keep all 16 MiB of it.
    """

    def receive_data(self, data: bytes) -> list[Any]:
        events: list[Any] = super().receive_data(data)
        if len(self.incoming_buffer._data) > self.max_inbound_frame_size + FRAME_HEAD_BYTES:
            self.close_connection(error_code=h2.errors.ErrorCodes.FRAME_SIZE_ERROR)
            raise h2.exceptions.FrameTooLargeError("expected a frame within SETTINGS_MAX_FRAME_SIZE, got a longer one")
        return events

    def _receive_goaway_frame(self, frame: Any) -> tuple[list[Any], list[Any]]:  # noqa: ARG002 - h2's signature
        return [], []


class Http2Connection:
    """Speaks HTTP/2 on a connection until it is over."""

    def __init__(self, *, streams: Streams, end: SocketEnd) -> None:
        self._streams = streams
        self._end = end
        self._h2: Any = GracefulH2(config=h2.config.H2Configuration(client_side=False, header_encoding="utf-8"))
        self._number = 0
        self._stream: LiveStream | None = None
        self._held: list[Any] | None = None
        self._answering: asyncio.TimerHandle | None = None
        self._unsent: deque[bytes] = deque()
        self._finished = False
        self._end_sent = False
        self._ungranted = 0

    async def run(self) -> None:
        """Until the client or the stream's fate ends the connection."""
        self._h2.initiate_connection()
        self._h2.increment_flow_control_window(WINDOW_BYTES)
        self._end.close_soon(limits.HANDSHAKE_S)
        self._flush()
        try:
            while data := await self._end.read():
                if not self._take(data):
                    return
        finally:
            if self._answering is not None:
                self._answering.cancel()
            if self._stream is not None:
                self._streams.ended(self._stream)

    def _take(self, data: bytes) -> bool:
        """Whether the connection goes on after these bytes."""
        try:
            for event in self._h2.receive_data(data):
                self._handle(event)
        except (h2.exceptions.ProtocolError, UnicodeDecodeError):
            # h2 has put the GOAWAY that names the fault into its output.
            self._flush()
            return False
        self._flush()
        return True

    def _handle(self, event: Any) -> None:
        if self._held is not None and not isinstance(event, h2.events.RequestReceived):
            self._held.append(event)
            return
        match event:
            case h2.events.RequestReceived():
                self._end.keep()
                self._ask(event.stream_id, dict(event.headers))
            case h2.events.DataReceived():
                self._receive(event)
            case h2.events.StreamEnded() if self._is_ours(event):
                self._live().end_of_body()
            case h2.events.StreamReset() if self._is_ours(event):
                self._streams.ended(self._live())
                self._end.close_soon()
            case h2.events.WindowUpdated() | h2.events.RemoteSettingsChanged():
                self._push()

    def _is_ours(self, event: Any) -> bool:
        return self._stream is not None and event.stream_id == self._number

    def _live(self) -> LiveStream:
        assert self._stream is not None
        return self._stream

    def _receive(self, event: Any) -> None:
        if self._is_ours(event) and not self._live().closed:
            self._ungranted += event.flow_controlled_length
            self._live().receive(event.data)
        else:
            self._h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)

    def _ask(self, number: int, headers: dict[str, str]) -> None:
        request_id = self._streams.new_id()
        if self._number:
            self._refuse(number, errors.TOO_BIG, request_id)
            return
        asked = Asked(
            transport=Transport.HTTP2,
            method=headers.get(":method", ""),
            target=headers.get(":path", ""),
            headers=headers,
        )
        opened = self._streams.open(asked, request_id)
        if isinstance(opened, ServiceException):
            self._refuse(number, opened, request_id)
            return
        self._number = number
        self._stream = self._streams.begin(opened, request_id, wire=self)
        if not opened.answer_after_ms:
            self._h2.send_headers(number, opened.headers)
        else:
            self._held = []
            loop = asyncio.get_running_loop()
            self._answering = loop.call_later(opened.answer_after_ms / 1000, self._answer, opened.headers)

    def _answer(self, headers: list[tuple[str, str]]) -> None:
        """The headers that were held back, and then what came meanwhile."""
        held, self._held = self._held or [], None
        try:
            self._h2.send_headers(self._number, headers)
            self._push()
            for event in held:
                self._handle(event)
        except h2.exceptions.ProtocolError:
            self._end.abort()
        self._flush()

    def _refuse(self, number: int, exception: ServiceException, request_id: str) -> None:
        body = json.dumps({"Message": exception.message}).encode()
        self._h2.send_headers(number, refusal(exception, request_id, body))
        self._h2.send_data(number, body, end_stream=True)
        self._streams.observer.exception(request_id, exception.name, exception.message)
        if self._stream is None:
            self._end.close_soon()

    # the stream's wire

    def send(self, data: bytes) -> None:
        self._unsent.append(data)
        self._push()

    def finish(self, exception: ServiceException | None) -> None:  # noqa: ARG002 - a wire's signature
        self._finished = True
        self._streams.ended(self._live())
        self._push()
        self._end.close_soon()

    def go_away(self) -> None:
        self._end.write(self._h2.data_to_send())
        self._end.write(GoAwayFrame(stream_id=0, last_stream_id=self._number).serialize())

    def reset(self) -> None:
        self._streams.ended(self._live())
        self._end.reset()

    def was_read(self, unread_bytes: int) -> None:
        granted = max(0, self._ungranted - unread_bytes)
        if granted:
            self._ungranted -= granted
            try:
                self._h2.acknowledge_received_data(granted, self._number)
            except h2.exceptions.ProtocolError:
                self._end.abort()
        self._flush()

    def _push(self) -> None:
        """Send what the client's window takes: a message a DATA frame where it can, END_STREAM with the last."""
        if self._held is not None or self._end_sent or not self._number:
            return
        try:
            while self._unsent:
                room = min(self._h2.local_flow_control_window(self._number), self._h2.max_outbound_frame_size)
                if room <= 0:
                    break
                data = self._unsent.popleft()
                if len(data) > room:
                    self._unsent.appendleft(data[room:])
                last = self._finished and not self._unsent
                self._h2.send_data(self._number, data[:room], end_stream=last)
                self._end_sent = last
            if self._finished and not self._unsent and not self._end_sent:
                self._h2.end_stream(self._number)
                self._end_sent = True
        except h2.exceptions.ProtocolError:
            # The client has reset the stream.
            self._unsent.clear()
        if sum(map(len, self._unsent)) > limits.UNSENT_BYTES:
            self.reset()
        self._flush()

    def _flush(self) -> None:
        self._end.write(self._h2.data_to_send())
