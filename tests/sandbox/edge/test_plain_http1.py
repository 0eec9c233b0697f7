"""Plain requests are read as h11 reads them, and all others are left to it."""

import h11
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.edge import plain_http1
from sandbox.edge.plain_http1 import NotPlainError

POST = b"POST /a?b=c HTTP/1.1\r\nHost: localhost:1\r\nX-Amz-Target: T.Op\r\nContent-Length: 2\r\n\r\n{}"


def by_h11(data: bytes) -> tuple[str, str, tuple[tuple[str, str], ...], bytes] | None:
    """What h11 makes of the first request, or None when it refuses or waits."""
    connection = h11.Connection(h11.SERVER)
    connection.receive_data(data)
    try:
        head, body = connection.next_event(), b""
        if not isinstance(head, h11.Request):
            return None
        while isinstance(event := connection.next_event(), h11.Data):
            body += event.data
        if not isinstance(event, h11.EndOfMessage):
            return None
    except h11.RemoteProtocolError:
        return None
    headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in head.headers.raw_items())
    return head.method.decode(), head.target.decode(), headers, body


def test_a_whole_request_is_taken_with_its_body_and_its_size():
    read = plain_http1.read(POST + b"GET")
    assert read is not None
    assert (read.method, read.target, read.body, read.size) == ("POST", "/a?b=c", b"{}", len(POST))
    assert read.headers[1] == ("X-Amz-Target", "T.Op")


@pytest.mark.parametrize("length", range(1, len(POST)))
def test_a_part_of_a_request_is_waited_for(length):
    assert plain_http1.read(POST[:length]) is None


@pytest.mark.parametrize(
    "request_",
    [
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        b"GET / HTTP/1.0\r\nHost: a\r\n\r\n",
        b"HEAD / HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET / HTTP/1.1\r\nAccept: a\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nX: \r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nContent-Length: 0\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 262145\r\n\r\n",
        b"GET /\x00 HTTP/1.1\r\nHost: a\r\n\r\n",
        b"\x16\x03\x01",
        b"GET /" + b"a" * plain_http1.HEAD_BYTES,
    ],
)
def test_whatever_is_not_plain_is_left_to_h11(request_):
    with pytest.raises(NotPlainError):
        plain_http1.read(request_)


_TEXT = st.text(st.characters(codec="latin-1", exclude_characters="\n"), min_size=0, max_size=12)
_NAMES = st.sampled_from(["Host", "content-length", "Connection", "X-a", "X b", "Upgrade", "é"])
_VALUES = st.one_of(_TEXT, st.sampled_from(["0", "2", "02", "a", "keep-alive", "Upgrade", " 2 ", "a\tb", "٣"]))


@given(st.lists(st.tuples(_NAMES, _VALUES), max_size=4), st.sampled_from(["GET", "POST", "get", "G T"]), _TEXT)
def test_what_it_takes_h11_takes_as_the_same(headers, method, body):
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers)
    data = f"{method} / HTTP/1.1\r\n{lines}\r\n{body}".encode("latin-1", errors="replace")
    try:
        read = plain_http1.read(data)
    except NotPlainError:
        return
    if read is not None:
        assert (read.method, read.target, read.headers, read.body) == by_h11(data)


def test_an_answer_says_its_length_unless_it_cannot_have_one():
    assert plain_http1.written(200, (("A", "b"),), b"xy") == b"HTTP/1.1 200 OK\r\nA: b\r\nContent-Length: 2\r\n\r\nxy"
    assert plain_http1.written(204, (), b"") == b"HTTP/1.1 204 No Content\r\n\r\n"
    assert plain_http1.written(101, (), b"") == b"HTTP/1.1 101 Switching Protocols\r\n\r\n"


def test_an_answers_header_cannot_become_two():
    with pytest.raises(ValueError, match="one line each"):
        plain_http1.written(200, (("A", "b\r\nC: d"),), b"")
