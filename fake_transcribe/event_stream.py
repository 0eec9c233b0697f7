"""The event-stream encoding (`application/vnd.amazon.eventstream`). Pure.

`total_len(u32) headers_len(u32) crc32(those 8 bytes) | headers | payload | crc32(everything before)`, big-endian.
"""

import struct
import uuid
from binascii import crc32
from dataclasses import dataclass

from fake_transcribe import limits
from fake_transcribe.errors import FrameError, FrameTooBigError

PRELUDE_BYTES = 12
OVERHEAD_BYTES = 16


@dataclass(frozen=True)
class Timestamp:
    """A header of type 8: epoch milliseconds."""

    ms: int


@dataclass(frozen=True)
class Integer:
    """A header of type 2 to 5; `size` is its bytes."""

    value: int
    size: int


HeaderValue = bool | Integer | bytes | str | Timestamp | uuid.UUID
Header = tuple[str, HeaderValue]

_INTEGER_TYPES = {2: 1, 3: 2, 4: 4, 5: 8}
_TYPE_OF_SIZE = {size: kind for kind, size in _INTEGER_TYPES.items()}


@dataclass(frozen=True, kw_only=True)
class Message:
    """One message; the order of headers is part of it."""

    headers: tuple[Header, ...]
    payload: bytes

    def header(self, name: str) -> HeaderValue | None:
        """The header's value, or None."""
        for key, value in self.headers:
            if key == name:
                return value
        return None


def encode_header(name: str, value: HeaderValue) -> bytes:
    """One header's bytes."""
    encoded = name.encode()
    head = struct.pack("!B", len(encoded)) + encoded
    if isinstance(value, bool):
        return head + (b"\x00" if value else b"\x01")
    if isinstance(value, Integer):
        return (
            head + struct.pack("!B", _TYPE_OF_SIZE[value.size]) + value.value.to_bytes(value.size, "big", signed=True)
        )
    if isinstance(value, bytes):
        return head + struct.pack("!BH", 6, len(value)) + value
    if isinstance(value, str):
        text = value.encode()
        return head + struct.pack("!BH", 7, len(text)) + text
    if isinstance(value, Timestamp):
        return head + struct.pack("!Bq", 8, value.ms)
    return head + b"\x09" + value.bytes


def encode(message: Message) -> bytes:
    """The message's bytes."""
    headers = b"".join(encode_header(name, value) for name, value in message.headers)
    prelude = struct.pack("!II", OVERHEAD_BYTES + len(headers) + len(message.payload), len(headers))
    prelude += struct.pack("!I", crc32(prelude))
    body = prelude + headers + message.payload
    return body + struct.pack("!I", crc32(body))


def decode(data: bytes) -> Message:
    """Exactly one message. Raises FrameError."""
    decoder = Decoder()
    messages = decoder.feed(data)
    if len(messages) != 1 or decoder.pending:
        raise FrameError(f"expected one whole message, got {len(messages)} and {decoder.pending} bytes")
    return messages[0]


class Decoder:
    """Takes bytes as they come and gives messages as they are whole; never keeps more than `most_bytes` of one."""

    def __init__(self, *, most_bytes: int = OVERHEAD_BYTES + limits.HEADERS_BYTES + limits.PAYLOAD_BYTES) -> None:
        self._buffer = bytearray()
        self._most_bytes = most_bytes

    @property
    def pending(self) -> int:
        """Bytes of a message that is not whole."""
        return len(self._buffer)

    def feed(self, data: bytes) -> list[Message]:
        """The messages that are whole now. Raises FrameError for a bad checksum or length, FrameTooBigError for a
        length beyond `most_bytes`, as soon as the length is there; the decoder is then of no more use."""
        self._buffer += data
        messages = []
        while len(self._buffer) >= PRELUDE_BYTES:
            total, headers_length, checksum = struct.unpack_from("!III", self._buffer)
            if crc32(self._buffer[:8]) != checksum:
                raise FrameError("expected a prelude whose checksum fits, got another checksum")
            payload_length = total - OVERHEAD_BYTES - headers_length
            if headers_length > limits.HEADERS_BYTES or not 0 <= payload_length <= limits.PAYLOAD_BYTES:
                raise FrameError(f"expected lengths within the limits, got {headers_length} and {payload_length}")
            if total > self._most_bytes:
                raise FrameTooBigError(f"expected a message of at most {self._most_bytes} bytes, got one of {total}")
            if len(self._buffer) < total:
                break
            frame = bytes(self._buffer[:total])
            del self._buffer[:total]
            if crc32(frame[:-4]) != struct.unpack("!I", frame[-4:])[0]:
                raise FrameError("expected a message whose checksum fits, got another checksum")
            headers_end = PRELUDE_BYTES + headers_length
            messages.append(
                Message(headers=tuple(_headers(frame[PRELUDE_BYTES:headers_end])), payload=frame[headers_end:-4])
            )
        return messages


def _headers(data: bytes) -> list[Header]:
    headers = []
    position = 0
    try:
        while position < len(data):
            length = data[position]
            name = data[position + 1 : position + 1 + length].decode()
            position += 1 + length
            kind = data[position]
            value, position = _value(data, position + 1, kind)
            headers.append((name, value))
    except (IndexError, struct.error, UnicodeDecodeError, ValueError) as error:
        raise FrameError(f"expected whole headers, got {error}") from error
    return headers


def _value(data: bytes, position: int, kind: int) -> tuple[HeaderValue, int]:
    if kind in (0, 1):
        return kind == 0, position
    if kind in _INTEGER_TYPES:
        size = _INTEGER_TYPES[kind]
        return Integer(int.from_bytes(_take(data, position, size), "big", signed=True), size), position + size
    if kind in (6, 7):
        (length,) = struct.unpack_from("!H", data, position)
        raw = _take(data, position + 2, length)
        return raw if kind == 6 else raw.decode(), position + 2 + length
    if kind == 8:
        return Timestamp(struct.unpack_from("!q", data, position)[0]), position + 8
    if kind == 9:
        return uuid.UUID(bytes=_take(data, position, 16)), position + 16
    raise ValueError(f"header type {kind}")


def _take(data: bytes, position: int, length: int) -> bytes:
    taken = data[position : position + length]
    if len(taken) != length:
        raise ValueError("a header that is cut off")
    return taken
