"""The one port: each connection's requests go where the router says, through TLS for AWS's own host names."""

import asyncio
import contextlib
import errno
from collections.abc import Callable, Mapping

from sandbox.edge.authorization import needed
from sandbox.edge.certificates import CertificateAuthority
from sandbox.edge.errors import PortInUseError
from sandbox.edge.http import HttpRequest, HttpResponse, Route
from sandbox.edge.http1 import BadRequest, HttpSocket
from sandbox.edge.router import Target, is_aws_host, route
from sandbox.edge.slowness import Slowness
from sandbox.edge.upstream import Upstream
from sandbox.gateway.service import Gateway
from sandbox.journal import Journal
from sandbox.permissions import calls, refusals
from sandbox.permissions.guard import Guard
from sandbox.standins.failing import FailingServices

COPY_BYTES = 65_536
SWEEP_S = 5.0
"""How often it is looked for clients that began a request and never finish it."""


class Edge:
    """Serves until stopped. `tunnels` are host names whose connections go to a port of this machine as they are;
    `on_answered` is told of each request that the control plane answered."""

    def __init__(
        self,
        *,
        port: int,
        gateway: Gateway,
        functions: Route,
        user_pool: Route,
        admin: Route,
        standins: Mapping[str, Route],
        tunnels: Mapping[str, int],
        control_plane_url: str,
        on_answered: Callable[[HttpRequest, HttpResponse], None],
        guard: Guard,
        failing: FailingServices,
        certificates: CertificateAuthority,
        journal: Journal,
        slowness: Slowness | None = None,
    ) -> None:
        self._port = port
        self._slowness = slowness or Slowness()
        self._gateway = gateway
        self._routes: dict[str, Route] = {"functions": functions, "user_pool": user_pool, "admin": admin}
        self._standins = dict(standins)
        self._tunnels = dict(tunnels)
        self._upstream = Upstream(control_plane_url)
        self._on_answered = on_answered
        self._guard = guard
        self._failing = failing
        self._certificates = certificates
        self._journal = journal
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()
        self._sockets: set[HttpSocket] = set()
        self._sweeping: asyncio.TimerHandle | None = None

    async def start(self) -> int:
        """Listen on loopback; returns the port. Raises PortInUseError."""
        try:
            self._server = await asyncio.start_server(self._accept, "127.0.0.1", self._port)
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise PortInUseError(self._port) from None
            raise
        self._sweep()
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def stop(self) -> None:
        """Take no more connections and end those that are open."""
        if self._server is not None:
            self._server.close()
        if self._sweeping is not None:
            self._sweeping.cancel()
        for task in list(self._connections):
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)
        # An aborted transport gives up its socket in the loop's next turn.
        await asyncio.sleep(0)
        self._upstream.stop()

    def drop_overdue(self, now_s: float) -> None:
        """Drop the clients whose requests began too long ago; `now_s` is the event loop's time."""
        for socket in list(self._sockets):
            if socket.is_overdue(now_s):
                socket.writer.transport.abort()

    def _sweep(self) -> None:
        loop = asyncio.get_running_loop()
        self.drop_overdue(loop.time())
        self._sweeping = loop.call_later(SWEEP_S, self._sweep)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._connection(reader, writer))
        self._connections.add(task)
        task.add_done_callback(self._connections.discard)

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._serve(HttpSocket(reader, writer))
        except (ConnectionError, asyncio.IncompleteReadError, OSError):
            return
        except asyncio.CancelledError:
            # A frozen client would never answer a TLS farewell.
            writer.transport.abort()
            raise
        finally:
            if writer.get_extra_info("sslcontext") is not None:
                writer.transport.abort()
            writer.close()

    async def _serve(self, socket: HttpSocket) -> None:
        self._sockets.add(socket)
        try:
            await self._take_requests(socket)
        finally:
            self._sockets.discard(socket)

    async def _take_requests(self, socket: HttpSocket) -> None:
        while True:
            try:
                request = await socket.next_request()
            except BadRequest as error:
                with contextlib.suppress(Exception):
                    await socket.respond(HttpResponse(status=error.status, body=str(error).encode()))
                return
            if request is None:
                return
            if request.method == "CONNECT":
                await self._proxy(socket, request)
                return
            target = route(request, frozenset(self._standins), self._is_stage)
            if target.kind == "websocket":
                await self._upgrade(socket, request, target)
                return
            await socket.respond(await self._answer(request, target))

    async def _answer(self, request: HttpRequest, target: Target) -> HttpResponse:
        refused = self._refusal(request, target) or self._failing.answer(
            authorization=request.header("Authorization") or "", target=request.header("X-Amz-Target") or ""
        )
        if refused is not None:
            return refused
        if target.kind != "admin" and (slow_ms := self._slowness.next_ms(request)):
            await asyncio.sleep(slow_ms / 1000)
        match target.kind:
            case "connections":
                return await self._gateway.connections_api(
                    request, api_id=target.api_id or "", stage_name=target.stage, connection_id=target.connection_id
                )
            case "upgrade":
                # WS-57
                return HttpResponse(status=426, headers=(("Upgrade", "websocket"),))
            case "standin":
                return await self._standins[target.service](request)
            case "control_plane":
                answer = await self._upstream.handle(request)
                self._on_answered(request, answer)
                return answer
            case _:
                return await self._routes[target.kind](request)

    def _is_stage(self, name: str) -> bool:
        return self._gateway.primary_api(name) is not None

    def _refusal(self, request: HttpRequest, target: Target) -> HttpResponse | None:
        """What a function's role does not allow; the control plane checks what goes there itself."""
        signer = calls.signer(request.header("Authorization"), request.query)
        if target.kind == "control_plane" or signer is None or not self._guard.knows(signer.access_key):
            return None
        wanted, protocol = needed(request, target, service=signer.service, place=self._guard.place)
        refusal = self._guard.check(signer.access_key, wanted)
        return refusals.answer(refusal, protocol) if refusal is not None else None

    async def _upgrade(self, socket: HttpSocket, request: HttpRequest, target: Target) -> None:
        api_id = target.api_id
        if api_id is None:
            primary = self._gateway.primary_api(target.stage)
            api_id = primary.api_id if primary else ""
        await self._gateway.serve(
            request, api_id=api_id, stage_name=target.stage, reader=socket.reader, writer=socket.writer,
            respond=socket.write,
        )  # fmt: skip

    async def _proxy(self, socket: HttpSocket, request: HttpRequest) -> None:
        """`CONNECT host:443`: AWS's names are answered here, everything else is refused, so nothing leaves the
        machine."""
        host = request.path.rpartition(":")[0]
        if not is_aws_host(host):
            self._journal.write("proxy.refused", {"host": host})
            reason = f"expected an AWS host name, got {host}: nothing else is reached from the sandbox\n"
            await socket.respond(HttpResponse(status=403, body=reason.encode()))
            return
        socket.writer.write(b"HTTP/1.1 200 Connection Established\r\n\r\n")
        await socket.writer.drain()
        if host in self._tunnels:
            await self._tunnel(socket, self._tunnels[host])
            return
        await socket.writer.start_tls(self._certificates.server_context(host))
        await self._serve(HttpSocket(socket.reader, socket.writer, host=host))

    @staticmethod
    async def _tunnel(socket: HttpSocket, port: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)

        async def copy(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
            while data := await source.read(COPY_BYTES):
                sink.write(data)
                await sink.drain()
            sink.close()

        await asyncio.gather(copy(socket.reader, writer), copy(reader, socket.writer), return_exceptions=True)
