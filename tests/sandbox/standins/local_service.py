"""A stand-in on a port of its own, for the service's own SDK."""

import asyncio
import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import boto3
from botocore.config import Config

from sandbox.edge.http import HttpRequest, HttpResponse, Route


async def _answer(handle: Route, request: HttpRequest) -> HttpResponse:
    return await handle(request)


@contextmanager
def client(service: str, handle: Route, *, attempts: int = 1) -> Iterator:
    """A boto3 client whose requests `handle` answers."""

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            request = HttpRequest(
                method=self.command, host=f"{service}.us-east-1.amazonaws.com", path=self.path, query="",
                headers=tuple(self.headers.items()), body=body, source_ip="127.0.0.1",
            )  # fmt: skip
            answer = asyncio.run(_answer(handle, request))
            self.send_response(answer.status)
            for name, value in (*answer.headers, ("Content-Length", str(len(answer.body)))):
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer.body)

        def log_message(self, *_: object) -> None:
            return

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    made = boto3.client(
        service, endpoint_url=f"http://127.0.0.1:{server.server_port}", region_name="us-east-1",
        aws_access_key_id="x", aws_secret_access_key="x",
        config=Config(retries={"mode": "standard", "total_max_attempts": attempts}, parameter_validation=False),
    )  # fmt: skip
    try:
        yield made
    finally:
        made.close()
        server.shutdown()
        thread.join()
        server.server_close()
