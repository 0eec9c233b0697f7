"""botocore's exchanges with a service over a connection that is open already: one write, one answer, nothing parsed
that is not needed. Half of what an AWS call costs a function on one machine is urllib3's and `http.client`'s work for
what never happens here: answers of mail's syntax, headers and body in two packets.

Connections are urllib3's own: opened, verified, timed out, counted and dropped by it. The request on the wire is the
same to the byte, through a proxy's tunnel too. Whatever is out of the ordinary (a body that is no bytes, `Expect`, a
proxy that is told the whole URL, a connection that is not open, an answer without a length) takes urllib3's way.
"""

import http.client
import io
import re
import socket
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any

HEAD_END = b"\r\n\r\n"
PART_BYTES = 65_536
LARGEST_HEAD_BYTES = 65_536
"""As much as `http.client` takes in one line."""
LARGEST_BODY_BYTES = 1_048_576
"""A longer one is read as its reader asks for it."""
UNUSUAL = frozenset(["expect", "transfer-encoding"])
NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
"""A field name (RFC 9110, 5.6.2)."""
WITHOUT_BODY = frozenset(["GET", "HEAD", "OPTIONS"])
Headers = Mapping[str, str | bytes]


class Answer(io.BytesIO):
    """A whole answer, as botocore reads one of urllib3's."""

    def __init__(self, *, status: int, headers: Mapping[str, str], body: bytes) -> None:
        super().__init__(body)
        self.status = status
        self.headers = headers

    def stream(self, amt: int = PART_BYTES) -> Iterator[bytes]:
        """What is left of the body, by parts."""
        while part := self.read(amt):
            yield part


class Replayed(io.RawIOBase):
    """A connection's bytes from where the answer began: some have been read already."""

    def __init__(self, begun: bytes, connection: socket.socket) -> None:
        self._begun, self._connection = begun, connection

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._begun:
            return self._connection.recv_into(buffer)
        part, self._begun = self._begun[: len(buffer)], self._begun[len(buffer) :]
        buffer[: len(part)] = part
        return len(part)

    def makefile(self, _mode: str) -> io.BufferedReader:
        """What `http.client` asks of a socket."""
        return io.BufferedReader(self)


@lru_cache(1024)
def added(method: str, names: tuple[str, ...]) -> tuple[str, ...] | None:
    """The headers that `http.client` puts before a request's own; None where it would add more, or refuse one. Pure."""
    known = {name.lower() for name in names}
    is_framed = "content-length" in known or method in WITHOUT_BODY
    if not is_framed or "user-agent" not in known or known & UNUSUAL or not all(map(NAME.fullmatch, names)):
        return None
    return tuple(name for name in ("Host", "Accept-Encoding") if name.lower() not in known)


def head_of(method: str, target: str, host: str, headers: Headers) -> bytes | None:
    """The request's head as urllib3 writes it; None for one that it would refuse, or frame. Pure.

    `host` is what a `Host` header says. Values that are bytes are on the wire as they are.
    """
    more = added(method, tuple(headers))
    if more is None:
        return None
    lines = [f"{method} {target} HTTP/1.1"]
    lines += [f"{name}: {host if name == 'Host' else 'identity'}" for name in more]
    for name, value in headers.items():
        lines.append(f"{name}: {value.decode('latin-1') if isinstance(value, bytes) else value}")
    text = "\r\n".join(lines)
    if text.count("\n") != len(lines) - 1 or text.count("\r") != len(lines) - 1:
        return None
    try:
        return text.encode("latin-1") + HEAD_END
    except UnicodeEncodeError:
        return None


def read_head(head: bytes) -> tuple[int, dict[str, str], bool] | None:
    """Status, headers, and whether the connection goes on; None for what is not HTTP/1.1 in its plainest form. Pure."""
    first, *lines = head.decode("latin-1").split("\r\n")
    version, _, status = first.partition(" ")
    if version != "HTTP/1.1" or not status[:3].isdigit() or status[0] == "1":
        return None
    headers: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon or name[:1] in (" ", "\t") or name in headers:
            return None
        headers[name] = value.lstrip(" \t")
    goes_on = all(name.lower() != "connection" or value.lower() == "keep-alive" for name, value in headers.items())
    return int(status[:3]), headers, goes_on


def body_length(method: str, status: int, headers: Mapping[str, str]) -> int | None:
    """How many bytes follow the head; None when it does not say so plainly. Pure."""
    if method == "HEAD" or status in (204, 304):
        return 0
    lengths = [value for name, value in headers.items() if name.lower() == "content-length"]
    if any(name.lower() == "transfer-encoding" for name in headers) or len(lengths) != 1 or not lengths[0].isdigit():
        return None
    return int(lengths[0])


class Exchange:
    """One request and its answer on an open connection."""

    def __init__(self, connection: socket.socket, method: str) -> None:
        self._connection, self._method = connection, method
        self.is_over = False
        """Whether an answer came: all of it, or `begun`, to be read on by another."""
        self.goes_on = False
        """Whether the connection may be used for the next one."""
        self.begun = b""

    def make(self, request: bytes) -> Answer | None:
        """Send the request whole and take its answer whole; None for one that `begun` is the beginning of.

        Raises OSError, TimeoutError among them.
        """
        self._connection.sendall(request)
        received = self._connection.recv(PART_BYTES)
        if not received:
            # As `http.client` says it.
            raise http.client.RemoteDisconnected("Remote end closed connection without response")
        while (end := received.find(HEAD_END)) < 0 and len(received) < LARGEST_HEAD_BYTES:
            if not (part := self._connection.recv(PART_BYTES)):
                break
            received += part
        self.is_over = True
        head = read_head(received[:end]) if end >= 0 else None
        length = None if head is None else body_length(self._method, head[0], head[1])
        if head is None or length is None or length > LARGEST_BODY_BYTES:
            self.begun = received
            return None
        status, headers, lasts = head
        body = bytearray(received[end + len(HEAD_END) :])
        while len(body) < length and (part := self._connection.recv(PART_BYTES)):
            body += part
        self.goes_on = lasts and len(body) == length
        return Answer(status=status, headers=headers, body=bytes(body[:length]))


def install() -> None:
    """Have botocore's connections make their exchanges so."""
    from botocore.awsrequest import AWSHTTPConnectionPool, AWSHTTPSConnectionPool

    for pools in (AWSHTTPConnectionPool, AWSHTTPSConnectionPool):
        pools.urlopen = _with_exchange(pools.urlopen)


def _with_exchange(whole: Callable[..., Any]) -> Callable[..., Any]:
    from urllib3.exceptions import ProtocolError, ReadTimeoutError
    from urllib3.util.proxy import connection_requires_http_tunnel
    from urllib3.util.timeout import _DEFAULT_TIMEOUT
    from urllib3.util.url import _encode_target

    encoded = lru_cache(1024)(_encode_target)

    def urlopen(pool: Any, method: str, url: str, **options: Any) -> Any:
        body, headers = options.get("body"), options.get("headers")
        timeout = pool._get_timeout(options.get("timeout", _DEFAULT_TIMEOUT))
        head = None
        if (
            isinstance(body, bytes | None)
            and headers is not None
            and (pool.proxy is None or connection_requires_http_tunnel(pool.proxy, pool.proxy_config, pool.scheme))
            and ":" not in pool.host
            and url.startswith("/")
            and timeout.total is None
            and not options.get("preload_content", True)
        ):
            head = head_of(method, encoded(url), _host(pool), headers)
        if head is None:
            return whole(pool, method, url, **options)
        connection = pool._get_conn()
        if connection.sock is None:
            pool._put_conn(connection)
            return whole(pool, method, url, **options)
        exchange = Exchange(connection.sock, method)
        try:
            connection.sock.settimeout(timeout.read_timeout)
            answer = exchange.make(head + body if body else head)
        except TimeoutError as error:
            said = f"Read timed out. (read timeout={timeout.read_timeout})"
            raise ReadTimeoutError(pool, url, said) from error
        except OSError as error:
            raise ProtocolError("Connection aborted.", error) from error
        finally:
            if not exchange.is_over:
                connection.close()
                pool._put_conn(connection)
        if answer is None:
            return _continued(pool, connection, exchange, method)
        if not exchange.goes_on:
            connection.close()
        pool._put_conn(connection)
        return answer

    return urlopen


def _host(pool: Any) -> str:
    """What `http.client` says in `Host`: no port where it is the scheme's own."""
    return pool.host if pool.port == pool.ConnectionCls.default_port else f"{pool.host}:{pool.port}"


def _continued(pool: Any, connection: Any, exchange: Exchange, method: str) -> Any:
    """An answer that `http.client` reads, as botocore asks for it; the connection is the pool's again at its end."""
    from urllib3._collections import HTTPHeaderDict
    from urllib3.response import HTTPResponse

    # All that it asks of a socket is a file.
    answer = http.client.HTTPResponse(Replayed(exchange.begun, connection.sock), method=method)  # type: ignore[arg-type]
    answer.begin()
    return HTTPResponse(
        body=answer, headers=HTTPHeaderDict(answer.msg.items()), status=answer.status, version=answer.version,
        reason=answer.reason, preload_content=False, decode_content=False, original_response=answer,
        enforce_content_length=False, request_method=method, connection=connection, pool=pool,
    )  # fmt: skip
