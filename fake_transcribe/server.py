"""The service's endpoints: HTTP/2 and WebSocket on one port, over TLS, and the same in the clear on another."""

import asyncio
import socket
import ssl
from collections.abc import Collection, Mapping

from fake_transcribe import limits
from fake_transcribe.faults import Faults
from fake_transcribe.http1 import Http1Connection
from fake_transcribe.http2 import PREFACE, Http2Connection
from fake_transcribe.limits import Quotas
from fake_transcribe.live_stream import Now
from fake_transcribe.observer import Observer, Silent
from fake_transcribe.recordings import Recordings
from fake_transcribe.service import Forbidden, Service
from fake_transcribe.signing import SecretLookup
from fake_transcribe.socket_end import SocketEnd
from fake_transcribe.streams import Streams

ALPN = ("h2", "http/1.1")
"""What a TLS context for this server offers: HTTP/2 first, WebSocket clients ask for the other or for none."""


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
        forbidden: Forbidden | None = None,
        quotas: Quotas | None = None,
        faults: Faults | None = None,
        vocabulary_filters: Mapping[str, Collection[str]] | None = None,
    ) -> None:
        self.service = Service(
            recordings=recordings,
            credentials=credentials,
            forbidden=forbidden,
            quotas=quotas or Quotas(),
            faults=faults or Faults(),
            vocabulary_filters=vocabulary_filters or {},
        )
        self._tls = tls
        self._streams = Streams(service=self.service, clock=clock, observer=observer or Silent(), seed=seed)
        self._servers: list[asyncio.Server] = []
        self._connections: set[asyncio.Task[None]] = set()

    async def start(self, host: str, port: int) -> int:
        """Listen with TLS; returns the port. May be called again for another. Raises OSError when it is taken."""
        return await self._listen(host, port, self._tls)

    async def start_on(self, listening: socket.socket) -> None:
        """The same on a socket that listens already: whoever has connected to it is served too."""
        server = await asyncio.start_server(
            self._accept, sock=listening, ssl=self._tls, ssl_handshake_timeout=limits.HANDSHAKE_S
        )
        self._servers.append(server)

    async def start_plain(self, host: str, port: int) -> int:
        """Listen without TLS (HTTP/2 with prior knowledge, `ws`); returns the port. Raises OSError."""
        return await self._listen(host, port, None)

    async def stop(self) -> None:
        """End every stream and free the ports."""
        for server in self._servers:
            server.close()
        for task in list(self._connections):
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)
        # An aborted transport gives up its socket in the loop's next turn.
        await asyncio.sleep(0)

    async def _listen(self, host: str, port: int, tls: ssl.SSLContext | None) -> int:
        timeout = limits.HANDSHAKE_S if tls else None
        server = await asyncio.start_server(self._accept, host, port, ssl=tls, ssl_handshake_timeout=timeout)
        self._servers.append(server)
        bound: int = server.sockets[0].getsockname()[1]
        return bound

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve(reader, writer))
        self._connections.add(task)
        task.add_done_callback(self._connections.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        end = SocketEnd(reader, writer)
        try:
            connection: Http1Connection | Http2Connection
            if await self._speaks_http2(writer, end):
                connection = Http2Connection(streams=self._streams, end=end)
            else:
                connection = Http1Connection(streams=self._streams, end=end)
            await connection.run()
        except asyncio.CancelledError:
            # A client that is frozen or gone would never answer a TLS farewell.
            end.abort()
            raise
        finally:
            end.close()

    @staticmethod
    async def _speaks_http2(writer: asyncio.StreamWriter, end: SocketEnd) -> bool:
        """By ALPN; without it by the client's first bytes, as the service does (prior knowledge)."""
        session = writer.get_extra_info("ssl_object")
        agreed = session.selected_alpn_protocol() if session is not None else None
        if agreed is not None:
            return bool(agreed == "h2")
        end.close_soon(limits.HANDSHAKE_S)
        first = b""
        while len(first) < len(PREFACE) and PREFACE.startswith(first):
            data = await end.read()
            if not data:
                break
            first += data
        end.keep()
        end.unread(first)
        return first.startswith(PREFACE)
