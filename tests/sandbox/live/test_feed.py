"""The feed follows every revision of the control plane's definitions, also after one that could not be applied."""

import asyncio
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from sandbox.definitions.model import Definitions, to_json
from sandbox.live.feed import DefinitionsFeed


class Plane(ThreadingHTTPServer):
    """A control plane whose definitions have the revisions that are put, one request each."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.revisions = iter(range(1, 4))
        self.over = threading.Event()


class _Handler(BaseHTTPRequestHandler):
    server: Plane

    def do_GET(self):
        revision = next(self.server.revisions, None)
        if revision is None:
            self.server.over.wait()
            revision = 3
        definitions = Definitions(revision=revision, account_id="1", region="us-east-1", functions={})
        body = to_json(definitions).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def plane():
    served = Plane()
    serving = threading.Thread(target=served.serve_forever)
    serving.start()
    yield served
    served.over.set()
    served.shutdown()
    serving.join()
    served.server_close()


def test_a_revision_that_cannot_be_applied_is_told_and_the_next_is_followed(plane, capsys):
    """Nothing is silently followed no more."""
    applied: list[int] = []
    said: list[str] = []
    last = asyncio.Event()

    def apply(definitions):
        if definitions.revision == 2:
            raise LookupError("a route without an integration")
        applied.append(definitions.revision)
        if definitions.revision == 3:
            last.set()

    async def act():
        feed = DefinitionsFeed(f"http://127.0.0.1:{plane.server_address[1]}", apply, said.append)
        await feed.refresh()
        feed.start()
        await asyncio.wait_for(last.wait(), 30)
        plane.over.set()
        await feed.stop()

    asyncio.run(act())
    assert applied == [1, 3]
    (line,) = said
    assert line.startswith("expected to run what was deployed, got LookupError: a route without an integration: ")
    assert "Traceback" in capsys.readouterr().err


def test_what_is_caught_up_with_is_in_force_and_what_cannot_be_is_told(plane, capsys):
    """A watcher that waits for it goes on, also when the control plane does not answer."""
    applied: list[int] = []
    said: list[str] = []

    def apply(definitions):
        if definitions.revision == 2:
            raise LookupError("a route without an integration")
        applied.append(definitions.revision)

    async def act():
        feed = DefinitionsFeed(f"http://127.0.0.1:{plane.server_address[1]}", apply, said.append)
        await feed.catch_up()
        assert applied == [1]
        await feed.catch_up()
        assert applied == [1]
        assert len(said) == 1
        await feed.catch_up()
        assert applied == [1, 3]
        await DefinitionsFeed("http://127.0.0.1:9", apply, said.append).catch_up()

    asyncio.run(act())
    assert applied == [1, 3]
    assert "a route without an integration" in capsys.readouterr().err
