"""A backend is asked before anything is started for it."""

import asyncio
import contextlib
import json
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from sandbox.live.backend import Backend, choose
from sandbox.live.backend_health import check, lacking, lost
from sandbox.live.errors import BackendDownError, BackendLacksServiceError

SERVED = {"services": {"sns": "available", "sqs": "running", "ssm": "available"}}


@contextlib.contextmanager
def emulator(status: int, document=None):
    """A server that answers every GET alike."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self):
            body = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://localhost:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def nobodys_url():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{unused.getsockname()[1]}"


def test_embedded_needs_no_answer():
    """Nothing is asked."""
    asyncio.run(check(Backend()))


def test_nobody_there_is_one_line_with_the_next_step(nobodys_url):
    """Where, why, and what to do."""
    with pytest.raises(BackendDownError) as error:
        asyncio.run(check(choose(nobodys_url)))
    assert str(error.value).startswith(f"expected a backend at {nobodys_url}, got: ")
    assert str(error.value).endswith(": start it, or leave out --backend")
    assert "\n" not in str(error.value)


def test_composes_localstack_is_started_with_compose(nobodys_url):
    """The next step is a command where there is one."""
    backend = Backend(name="localstack", url=nobodys_url)
    with pytest.raises(BackendDownError, match="start 'docker compose up -d localstack'"):
        asyncio.run(check(backend))


def test_a_backend_that_serves_less_is_refused():
    """LocalStack started for other services than the stacks need."""
    with emulator(200, SERVED | {"services": SERVED["services"] | {"dynamodb": "disabled"}}) as url:
        with pytest.raises(BackendLacksServiceError, match="to serve dynamodb, it does not"):
            asyncio.run(check(choose(url)))
        with emulator(400, {"__type": "MissingAuthenticationToken"}) as dynamodb_local:
            asyncio.run(check(choose(url, dynamodb=dynamodb_local)))


def test_an_emulator_without_a_health_page_is_taken_as_it_is():
    """Any LocalStack-compatible URL: a refusal is an answer."""
    with emulator(404, {"message": "not found"}) as url:
        asyncio.run(check(choose(url)))


@pytest.mark.parametrize(
    ("health", "expected"),
    [
        (SERVED, []),
        ({"services": {"sns": "disabled", "sqs": "error"}}, ["sns", "sqs"]),
        ({"services": {}}, []),
        ({"services": "all"}, []),
        ([], []),
        (None, []),
    ],
)
def test_only_what_is_listed_as_not_served_is_lacking(health, expected):
    """Other emulators list other names."""
    assert lacking(health, ["ssm", "sqs", "sns"]) == expected


def test_a_backend_that_is_lost_later_is_one_line_with_the_next_step():
    """For the terminal of a sandbox that runs."""
    line = lost("http://localhost:4567", "NewConnectionError")
    assert line.startswith("expected the backend at http://localhost:4567 to go on answering, got NewConnectionError: ")
    assert line.endswith("'sandbox down' and 'sandbox up' make them again")
