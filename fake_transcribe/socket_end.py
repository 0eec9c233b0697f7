"""One accepted TCP connection, whatever speaks on it: writing with a bound, closing, resetting."""

import asyncio
import contextlib
import socket
import struct

from fake_transcribe import limits

READ_BYTES = 65_536


class SocketEnd:
    """The server's end of a connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._first = b""
        self._closing: asyncio.TimerHandle | None = None

    async def read(self) -> bytes:
        """The next bytes; empty when the client is gone or its connection was closed here."""
        if self._first:
            first, self._first = self._first, b""
            return first
        try:
            return await self._reader.read(READ_BYTES)
        except OSError:
            # ssl.SSLError and ConnectionError among them.
            return b""

    def unread(self, data: bytes) -> None:
        """Put bytes back, to be read first."""
        self._first = data + self._first

    def write(self, data: bytes) -> None:
        """Send without waiting; a client that leaves too much unread is reset."""
        if not data or self._writer.is_closing():
            return
        self._writer.write(data)
        if self.unsent_bytes > limits.UNSENT_BYTES:
            self.reset()

    @property
    def unsent_bytes(self) -> int:
        """What the client's side has not taken yet."""
        return self._writer.transport.get_write_buffer_size()

    def close_soon(self, delay_s: float | None = None) -> None:
        """Give the client this long (LINGER_S) to take the last bytes and to close, then cut the connection."""
        self.keep()
        loop = asyncio.get_running_loop()
        self._closing = loop.call_later(limits.LINGER_S if delay_s is None else delay_s, self._writer.transport.abort)

    def keep(self) -> None:
        """Not to be closed after all: something goes on."""
        if self._closing is not None:
            self._closing.cancel()
            self._closing = None

    def close(self) -> None:
        """Close in good order; a client that is frozen or gone has LINGER_S to take part in it."""
        self._writer.close()
        self.close_soon()

    def abort(self) -> None:
        """Close without a farewell."""
        self.keep()
        self._writer.transport.abort()

    def reset(self) -> None:
        """Close with a TCP reset."""
        with contextlib.suppress(OSError, AttributeError):
            self._writer.get_extra_info("socket").setsockopt(
                socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
            )
        self.abort()
