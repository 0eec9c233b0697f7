"""The service's HTTP/2 endpoint: TLS with ALPN, one stream a connection, headers at once."""

import asyncio
import json
import ssl
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import Any, Protocol

import h2.config
import h2.connection
import h2.errors
import h2.events
import h2.exceptions

from fake_transcribe import errors
from fake_transcribe import session as core
from fake_transcribe.errors import ServiceException
from fake_transcribe.observer import Observer, Silent
from fake_transcribe.opening import Drawn, open_stream, refusal
from fake_transcribe.recordings import Recordings
from fake_transcribe.signing import SecretLookup
from fake_transcribe.stream import AudioTaken, StreamBytes

READ_BYTES = 65_536
WINDOW_BYTES = 1_048_576


class Now(Protocol):
    """The clock that signatures and timeouts go by."""

    def now_ms(self) -> int: ...


class GracefulH2(h2.connection.H2Connection):
    """A client's early GOAWAY announces no new streams and says nothing of the open one (RFC 9113, 6.8)."""

    def _receive_goaway_frame(self, frame: Any) -> tuple[list[Any], list[Any]]:  # noqa: ARG002 - h2's signature
        return [], []


@dataclass(kw_only=True)
class _Stream:
    stream_id: str
    number: int
    bytes_in: StreamBytes
    timer: asyncio.TimerHandle | None = None
    closed: bool = False


class TranscribeServer:
    """Serves streams until stopped. `credentials` gives an access key's secret; None lets every signature pass."""

    def __init__(
        self,
        *,
        recordings: Recordings,
        tls: ssl.SSLContext,
        credentials: SecretLookup | None,
        clock: Now,
        observer: Observer | None = None,
        seed: int = 0,
    ) -> None:
        self.recordings = recordings
        self._tls = tls
        self.credentials = credentials
        self.clock = clock
        self.observer: Observer = observer or Silent()
        self._seed = seed
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()

    async def start(self, host: str, port: int) -> int:
        """Listen; returns the port. Raises OSError when it is taken."""
        self._server = await asyncio.start_server(self._accept, host, port, ssl=self._tls)
        bound: int = self._server.sockets[0].getsockname()[1]
        return bound

    async def stop(self) -> None:
        """End every stream and free the port."""
        if self._server is not None:
            self._server.close()
        for task in list(self._connections):
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)
        # An aborted transport gives up its socket in the loop's next turn.
        await asyncio.sleep(0)

    def next_seed(self) -> int:
        """The seed of the next stream's result ids."""
        self._seed += 1
        return self._seed

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(_Connection(server=self, reader=reader, writer=writer).run())
        self._connections.add(task)
        task.add_done_callback(self._connections.discard)


@dataclass(kw_only=True)
class _Connection:
    server: TranscribeServer
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    _h2: Any = field(init=False)
    _stream: _Stream | None = None

    def __post_init__(self) -> None:
        config = h2.config.H2Configuration(client_side=False, header_encoding="utf-8")
        self._h2 = GracefulH2(config=config)

    async def run(self) -> None:
        self._h2.initiate_connection()
        self._h2.increment_flow_control_window(WINDOW_BYTES)
        try:
            await self._flush()
            while data := await self.reader.read(READ_BYTES):
                for event in self._h2.receive_data(data):
                    self._handle(event)
                await self._flush()
        except (ConnectionError, h2.exceptions.ProtocolError, ssl.SSLError):
            return
        except asyncio.CancelledError:
            # A client that is frozen or gone would never answer a TLS farewell.
            self.writer.transport.abort()
            raise
        finally:
            self._close_stream()
            self.writer.close()

    def _handle(self, event: Any) -> None:
        if isinstance(event, h2.events.RequestReceived):
            self._open(event.stream_id, dict(event.headers))
        elif isinstance(event, h2.events.DataReceived):
            self._h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
            if self._stream is not None and event.stream_id == self._stream.number:
                self._carry_out(self._stream.bytes_in.receive(event.data, self.server.clock.now_ms()))
        elif isinstance(event, h2.events.StreamEnded):
            if self._stream is not None and event.stream_id == self._stream.number:
                self._carry_out(list(self._stream.bytes_in.session.cut_off()))
        elif isinstance(event, h2.events.StreamReset):
            self._close_stream()

    def _open(self, number: int, headers: Mapping[str, str]) -> None:
        request_id = str(uuid.uuid4())
        if self._stream is not None:
            self._refuse(number, errors.TOO_BIG, request_id)
            return
        opened = open_stream(
            headers,
            recordings=self.server.recordings,
            credentials=self.server.credentials,
            now_ms=self.server.clock.now_ms(),
            date=formatdate(usegmt=True),
            drawn=Drawn(request_id=request_id, session_id=str(uuid.uuid4()), seed=self.server.next_seed()),
        )
        if isinstance(opened, ServiceException):
            self._refuse(number, opened, request_id)
            return
        self._stream = _Stream(stream_id=request_id, number=number, bytes_in=opened.stream)
        self._h2.send_headers(number, opened.headers)
        self.server.observer.stream_opened(request_id, opened.session_id)
        self._arm()

    def _refuse(self, number: int, exception: ServiceException, request_id: str) -> None:
        body = json.dumps({"Message": exception.message}).encode()
        self._h2.send_headers(number, refusal(exception, request_id, body))
        self._h2.send_data(number, body, end_stream=True)
        self.server.observer.exception(request_id, exception.name, exception.message)

    def _carry_out(self, outputs: "list[core.Output | AudioTaken] | list[core.Output]") -> None:
        stream, observer = self._stream, self.server.observer
        if stream is None or stream.closed:
            return
        for output in outputs:
            match output:
                case AudioTaken():
                    observer.audio(stream.stream_id, output.position_ms, output.size, output.digest)
                case core.SendResult():
                    self._h2.send_data(stream.number, output.data)
                    observer.result(stream.stream_id, output.result, is_partial=output.is_partial)
                case core.SendHeartbeat():
                    self._h2.send_data(stream.number, output.data)
                case core.SendException():
                    self._h2.send_data(stream.number, output.data, end_stream=True)
                    observer.exception(stream.stream_id, output.exception.name, output.exception.message)
                    self._close_stream()
                case core.End():
                    self._h2.end_stream(stream.number)
                    self._close_stream()
                case core.Disconnect():
                    self._close_stream()
                    self.writer.transport.abort()
        self._arm()

    def _arm(self) -> None:
        stream = self._stream
        if stream is None:
            return
        if stream.timer is not None:
            stream.timer.cancel()
            stream.timer = None
        deadline_ms = stream.bytes_in.session.next_deadline_ms
        if deadline_ms is not None and not stream.closed:
            delay_s = max(0, deadline_ms - self.server.clock.now_ms()) / 1000
            stream.timer = asyncio.get_running_loop().call_later(delay_s, self._tick)

    def _tick(self) -> None:
        if self._stream is None or self._stream.closed:
            return
        try:
            self._carry_out(self._stream.bytes_in.session.tick(self.server.clock.now_ms()))
        except h2.exceptions.ProtocolError:
            self._close_stream()
        data = self._h2.data_to_send()
        if data and not self.writer.is_closing():
            self.writer.write(data)

    def _close_stream(self) -> None:
        stream = self._stream
        if stream is not None and not stream.closed:
            stream.closed = True
            if stream.timer is not None:
                stream.timer.cancel()
            self.server.observer.stream_closed(stream.stream_id)

    async def _flush(self) -> None:
        data = self._h2.data_to_send()
        if data and not self.writer.is_closing():
            self.writer.write(data)
            await self.writer.drain()
