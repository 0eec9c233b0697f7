"""The port of the hot calls: DynamoDB's and those about SQS's messages, over kept-alive connections, on one event loop.

A call that a core can answer is answered where it is read, a receive that waits holds no thread; all others pass to the
application, on threads.
"""

import asyncio
import socket
import threading
from concurrent.futures import ThreadPoolExecutor

from sandbox.control_plane import wsgi
from sandbox.control_plane.dynamodb import DynamoDb
from sandbox.control_plane.guarded import failure, refusal
from sandbox.control_plane.hot_connection import HotConnection
from sandbox.control_plane.queue_messages import QueueMessages
from sandbox.control_plane.wsgi import WsgiApplication
from sandbox.edge.http import HttpRequest, HttpResponse
from sandbox.edge.http1 import BadRequest, HttpSocket
from sandbox.permissions.guard import Guard
from sandbox.standins.failing import FailingServices

THREADS = 8


class HotPort:
    """Listens on loopback, on a thread of its own. `application` answers what the guard lets through and is not for the
    core."""

    def __init__(
        self,
        dynamodb: DynamoDb,
        messages: QueueMessages,
        application: WsgiApplication,
        guard: Guard,
        failing: FailingServices,
    ) -> None:
        self._dynamodb = dynamodb
        self._messages = messages
        self._application = application
        self._guard = guard
        self._failing = failing
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="hot")

    def start(self, listening: socket.socket) -> int:
        """Serve whoever connects to the socket; returns its port."""

        async def serve() -> None:
            loop = asyncio.get_running_loop()
            server = await loop.create_server(lambda: HotConnection(self), sock=listening)
            await server.serve_forever()

        port: int = listening.getsockname()[1]
        threading.Thread(target=lambda: asyncio.run(serve()), name="hot port", daemon=True).start()
        return port

    def at_once(self, request: HttpRequest) -> HttpResponse | None:
        return (
            refusal(
                self._guard, method=request.method, path=request.path, query=request.query, header=request.header,
                body=lambda: request.body,
            )
            or failure(self._failing, request.header)
            or self._dynamodb.at_once(request)
            or self._messages.at_once(request)
        )  # fmt: skip

    async def later(self, request: HttpRequest) -> HttpResponse:
        receiving = self._messages.receiving(request)
        if receiving is not None:
            return await receiving
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, wsgi.call, self._application, request)

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        http = HttpSocket(reader, writer)
        try:
            while (request := await http.next_request()) is not None:
                await http.respond(self.at_once(request) or await self.later(request))
        except BadRequest as error:
            await http.respond(HttpResponse(status=error.status, body=str(error).encode()))
        except OSError:
            # The environment is gone.
            return
        finally:
            writer.close()
