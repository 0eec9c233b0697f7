"""A function's AWS calls on an open connection: on the wire and to botocore they are what urllib3 makes of them."""

import importlib.util
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from botocore.awsrequest import AWSHTTPConnectionPool, AWSHTTPSConnectionPool, AWSPreparedRequest, HeadersDict
from botocore.exceptions import ConnectionClosedError, HTTPClientError, ReadTimeoutError
from botocore.httpsession import URLLib3Session

from sandbox.edge.certificates import CertificateAuthority
from sandbox.functions.process_host import RUNTIME

SIGNED = {
    "Content-Type": b"application/x-amz-json-1.0",
    "User-Agent": "Boto3/1",
    "Authorization": b"AWS4 Signature=\xe9",
}
PLAIN = b'HTTP/1.1 200 OK\r\nServer: us\r\nx-amzn-RequestId:  one \r\nContent-Length: 8\r\n\r\n{"n": 1}'

BEGUN = b"HTTP/1.1 200 OK\r\n"


def is_whole(request: bytes) -> bool:
    head, end, body = request.partition(b"\r\n\r\n")
    length = re.search(rb"\r\ncontent-length: (\d+)", head, re.IGNORECASE)
    return bool(end) and len(body) == (int(length[1]) if length else 0)


class Service:
    """Answers the requests of one connection after another from a list; keeps what came, to the byte."""

    def __init__(self, answers: list[bytes]) -> None:
        self._answers, self.requests, self.connections = list(answers), list[bytes](), 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._closed = threading.Event()
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self._listener.close()
        self._closed.set()

    def _serve(self) -> None:
        while self._answers:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            with connection:
                self._converse(connection)

    def _converse(self, connection: socket.socket) -> None:
        while self._answers:
            request = b""
            while not is_whole(request):
                part = connection.recv(65_536)
                if not part:
                    return
                request += part
            self.requests.append(request)
            answer = self._answers.pop(0)
            connection.sendall(answer)
            if answer == BEGUN:
                self._closed.wait()
            if not answer or b"close" in answer:
                return


class TunnelledService(Service):
    """A service on 443 of AWS, behind a proxy that leads to nobody else."""

    host = "api.execute-api.us-east-1.amazonaws.com"

    def __init__(self, answers: list[bytes], authority: CertificateAuthority) -> None:
        self._context = authority.server_context(self.host)
        super().__init__(answers)

    def _converse(self, connection: socket.socket) -> None:
        assert connection.recv(65_536).startswith(f"CONNECT {self.host}:443 HTTP/1.".encode())
        connection.sendall(b"HTTP/1.1 200 Connection Established\r\n\r\n")
        with self._context.wrap_socket(connection, server_side=True) as inner:
            super()._converse(inner)


def load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("sandbox_exchange", Path(RUNTIME) / "sandbox_exchange.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


exchange: Any = load()


@pytest.fixture(params=["urllib3", "exchange"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Each test holds for urllib3's own way and for ours."""
    for pool in (AWSHTTPConnectionPool, AWSHTTPSConnectionPool):
        monkeypatch.setattr(pool, "urlopen", pool.urlopen)
    if request.param == "exchange":
        exchange.install()
    name: str = request.param
    return name


@pytest.fixture
def session() -> Iterator[URLLib3Session]:
    with closing(URLLib3Session(timeout=5)) as made:
        yield made


def request_of(
    url: str,
    more: dict[str, Any] | None = None,
    *,
    method: str = "POST",
    body: bytes | str | None = b"{}",
    streams: bool = False,
) -> AWSPreparedRequest:
    length = {} if body is None else {"Content-Length": str(len(body))}
    return AWSPreparedRequest(method, url, HeadersDict({**SIGNED, **length, **(more or {})}), body, streams)


def answers_to(session: URLLib3Session, service: Service, *requests: Any) -> list[Any]:
    with closing(service):
        return [session.send(request) for request in requests]


def test_both_ways_put_the_same_bytes_on_the_wire(session, monkeypatch):
    """The first of each is urllib3's in both, since it opens the connection."""
    for pool in (AWSHTTPConnectionPool, AWSHTTPSConnectionPool):
        monkeypatch.setattr(pool, "urlopen", pool.urlopen)
    seen = []
    for install in (lambda: None, exchange.install):
        install()
        service = Service([PLAIN] * 5)
        port = service.url.rpartition(":")[2]
        answers_to(
            session,
            service,
            request_of(f"{service.url}/"),
            request_of(f"{service.url}/table?x=a%20b"),
            request_of(f"{service.url}/prod/@connections/a=b c", method="GET", body=None),
            request_of(f"{service.url}/queue", {"host": b"elsewhere", "accept-encoding": "gzip"}),
            request_of(f"{service.url}/", method="DELETE"),
        )
        assert service.connections == 1
        seen.append([one.replace(port.encode(), b"PORT") for one in service.requests])
    assert seen[0] == seen[1]


def test_a_tunnel_is_opened_once_and_its_bytes_are_the_same_both_ways(monkeypatch, tmp_path):
    for pool in (AWSHTTPConnectionPool, AWSHTTPSConnectionPool):
        monkeypatch.setattr(pool, "urlopen", pool.urlopen)
    authority, exchanged, make = CertificateAuthority(tmp_path), list[bytes](), exchange.Exchange.make
    authority.prepare()

    def counted(one: Any, data: bytes) -> Any:
        exchanged.append(data)
        return make(one, data)

    monkeypatch.setattr(exchange.Exchange, "make", counted)
    seen = []
    for install in (lambda: None, exchange.install):
        install()
        service = TunnelledService([PLAIN] * 3, authority)
        url = f"https://{service.host}/prod/@connections/a="
        with closing(URLLib3Session(proxies={"https": service.url}, verify=str(authority.path), timeout=5)) as session:
            answers = answers_to(session, service, *[request_of(url) for _ in range(3)])
        assert [answer.content for answer in answers] == [b'{"n": 1}'] * 3
        assert service.connections == 1
        seen.append(service.requests)
    assert seen[0] == seen[1]
    assert len(exchanged) == 2


@pytest.mark.parametrize("name", ["urllib3", "exchange"])
def test_only_an_ordinary_request_on_an_open_connection_is_exchanged(session, monkeypatch, name):
    """The test of the others: without this they would hold if everything took urllib3's way."""
    exchanged: list[bytes] = []
    make = exchange.Exchange.make

    def counted(one: Any, data: bytes) -> Any:
        exchanged.append(data)
        return make(one, data)

    monkeypatch.setattr(exchange.Exchange, "make", counted)
    monkeypatch.setattr(AWSHTTPConnectionPool, "urlopen", AWSHTTPConnectionPool.urlopen)
    monkeypatch.setattr(AWSHTTPSConnectionPool, "urlopen", AWSHTTPSConnectionPool.urlopen)
    if name == "exchange":
        exchange.install()
    service = Service([PLAIN] * 5)
    url = f"{service.url}/"
    unusual = (
        request_of(url, {"Expect": b"100-later"}),
        request_of(url, body="text"),
        request_of(url, {"x": "é\r\n a"}),
    )
    answers_to(session, service, request_of(url), request_of(url), *unusual)
    assert len(exchanged) == (1 if name == "exchange" else 0)


def test_an_answer_is_whole_with_status_and_headers(way, session):
    service = Service([PLAIN] * 2)
    answers = answers_to(session, service, *[request_of(service.url + "/")] * 2)
    for answer in answers:
        assert (answer.status_code, answer.content) == (200, b'{"n": 1}')
        assert dict(answer.headers) == {"Server": "us", "x-amzn-RequestId": "one ", "Content-Length": "8"}


@pytest.mark.parametrize(
    ("raw", "body"),
    [
        (b"HTTP/1.1 204 No Content\r\n\r\n", b""),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", b"abcde"),
        (b"HTTP/1.1 200 OK\r\nx-one: 1\r\nx-one: 2\r\nContent-Length: 2\r\n\r\nab", b"ab"),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab", b"ab"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2000000\r\n\r\n" + b"x" * 2_000_000, b"x" * 2_000_000),
        (b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n", b""),
    ],
)
def test_answers_of_every_kind_leave_the_connection_ready_for_the_next(way, session, raw, body):
    service = Service([PLAIN, raw, PLAIN])
    _, odd, last = answers_to(session, service, *[request_of(service.url + "/")] * 3)
    assert (odd.content, last.content, service.connections) == (body, b'{"n": 1}', 1)
    assert odd.headers.get("x-one") in (None, "1, 2")


def test_an_answer_that_ends_the_connection_has_the_next_open_another(way, session):
    closing_one = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nab"
    service = Service([PLAIN, closing_one, PLAIN])
    answers = answers_to(session, service, *[request_of(service.url + "/")] * 3)
    assert [answer.content for answer in answers] == [b'{"n": 1}', b"ab", b'{"n": 1}']
    assert service.connections == 2


def test_a_streamed_answer_is_read_by_parts(way, session):
    service = Service([PLAIN, PLAIN])
    _, streamed = answers_to(
        session, service, request_of(service.url + "/"), request_of(service.url + "/", streams=True)
    )
    assert (streamed.raw.read(3), streamed.raw.read()) == (b'{"n', b'": 1}')


def test_a_connection_that_ends_without_an_answer_is_said_so(way, session):
    service = Service([PLAIN, b""])
    with pytest.raises(ConnectionClosedError):
        answers_to(session, service, *[request_of(service.url + "/")] * 2)


def test_a_late_answer_meets_the_read_timeout(way):
    service = Service([PLAIN, BEGUN])
    with closing(URLLib3Session(timeout=0.2)) as session, pytest.raises(ReadTimeoutError):
        answers_to(session, service, *[request_of(service.url + "/")] * 2)


@pytest.mark.parametrize("name", ["", "a b", "a:b", "ü"])
def test_header_names_that_urllib3_refuses_are_left_to_it(name):
    assert exchange.head_of("GET", "/", "us", {"User-Agent": "x", name: "v"}) is None


@pytest.mark.parametrize("value", ["a\r\nb: c", "a\nb", "Ω"])
def test_a_header_that_would_be_two_is_refused(way, session, value):
    service = Service([PLAIN, PLAIN])
    with pytest.raises((HTTPClientError, UnicodeEncodeError)):
        answers_to(session, service, request_of(service.url + "/"), request_of(service.url + "/", {"x": value}))
    assert len(service.requests) == 1


def test_a_cut_answer_is_as_long_as_it_came(way, session):
    cut = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\nx: close\r\n\r\nab"
    service = Service([PLAIN, cut])
    answers = answers_to(session, service, *[request_of(service.url + "/")] * 2)
    assert answers[1].content == b"ab"
