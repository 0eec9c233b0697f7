"""HTTP/1.1 in its plainest form, read at once. Pure.

Nearly every request here is a short one of an AWS SDK or a handshake: a head in one piece and a body of known length.
Those are taken by one match. Whatever else HTTP/1.1 allows (transfer codings, expectations, closing, folded or odd
lines) is not decided here: `NotPlain` leaves the bytes to `h11`.
"""

import re
from dataclasses import dataclass
from http import HTTPStatus

from sandbox.edge.http import Headers

_TOKEN = rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
_HEAD = re.compile(
    rb"("
    + _TOKEN
    + rb") ([\x21-\x7e]+) HTTP/1\.1\r\n((?:"
    + _TOKEN
    + rb":[ \t]*[\x21-\x7e\x80-\xff][^\x00-\x08\x0a-\x1f\x7f]*\r\n)+)\r\n"
)
_FIELD = re.compile(r"([^:]+):[ \t]*(.*?)[ \t]*\r\n")
_DECIDING = frozenset(["transfer-encoding", "expect", "connection", "content-length", "host"])
_REASONS = {status.value: status.phrase for status in HTTPStatus}
_NO_BODY = frozenset([204, 304])
HEAD_BYTES = 65_536
BODY_BYTES = 262_144
"""A longer body comes in many pieces, which `h11` takes as they come."""


class NotPlainError(Exception):
    """The request is for the whole parser."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Plain:
    """One whole request; `size` is how many bytes it took."""

    method: str
    target: str
    headers: Headers
    body: bytes
    size: int


def read(received: bytes | bytearray) -> Plain | None:
    """The first request of these bytes, or None until it is whole. Raises NotPlainError."""
    head = _HEAD.match(received)
    if head is None:
        if len(received) > HEAD_BYTES or b"\r\n\r\n" in received or not received[:1].isalpha():
            raise NotPlainError
        return None
    if head[1] == b"HEAD":
        raise NotPlainError
    headers = tuple(_FIELD.findall(head[3].decode("latin-1")))
    length: int | None = None
    hosts = 0
    for name, value in headers:
        lower = name.lower()
        if lower not in _DECIDING:
            continue
        if lower == "content-length" and value.isdecimal() and length is None:
            length = int(value)
        elif lower == "host" and hosts == 0:
            hosts = 1
        elif lower != "connection" or value.lower() not in ("keep-alive", "upgrade"):
            raise NotPlainError
    length = length or 0
    if hosts == 0 or length > BODY_BYTES:
        raise NotPlainError
    end = head.end() + length
    if len(received) < end:
        return None
    return Plain(
        method=head[1].decode(), target=head[2].decode(), headers=headers, body=bytes(received[head.end() : end]),
        size=end,
    )  # fmt: skip


def written(status: int, headers: Headers, body: bytes) -> bytes:
    """An answer and its length, which 1xx, 204 and 304 do not have. Raises ValueError for a header of two lines."""
    lines = "".join([f"{name}: {value}\r\n" for name, value in headers])
    if lines.count("\n") != len(headers) or lines.count("\r") != len(headers):
        raise ValueError("expected headers of one line each, got one with a line's end in it")
    if status >= 200 and status not in _NO_BODY:
        lines += f"Content-Length: {len(body)}\r\n"
    return f"HTTP/1.1 {status} {_REASONS.get(status, '')}\r\n{lines}\r\n".encode("latin-1") + body
