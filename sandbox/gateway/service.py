"""The gateway in the live world: sockets for the pure connections, functions for their invocations, timers on the
clock."""

import asyncio
import json
import random
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import parse_qs

from websockets.utils import accept_key

from sandbox.clock import LiveClock, Timer
from sandbox.definitions.model import Definitions, Function, Stage, WebSocketApi
from sandbox.edge.http import HttpRequest, HttpResponse
from sandbox.functions import outcomes
from sandbox.functions.invocation import Invocation, Outcome
from sandbox.gateway import connection as core
from sandbox.gateway import ids, limits, observer, policy
from sandbox.gateway.connection import Connection, Phase, Purpose
from sandbox.gateway.events import Identity
from sandbox.journal import Journal

READ_BYTES = 65_536


@dataclass(kw_only=True)
class _Socket:
    """One connection with its socket and its timer."""

    connection: Connection
    writer: asyncio.StreamWriter
    timer: Timer | None = None
    tasks: set["asyncio.Task[None]"] = field(default_factory=set)
    opened: "asyncio.Future[bool]" = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class Gateway:
    """Every WebSocket API of the control plane, and the `@connections` of each."""

    def __init__(
        self,
        *,
        clock: LiveClock,
        journal: Journal,
        invoke: Callable[[Invocation], Awaitable[Outcome]],
        region: str,
        account_id: str,
        chance: random.Random,
    ) -> None:
        self._clock = clock
        self._journal = journal
        self._invoke = invoke
        self._region = region
        self._account_id = account_id
        self._chance = chance
        self._definitions = Definitions(revision=-1, account_id=account_id, region=region)
        self._sockets: dict[str, _Socket] = {}
        self._handshakes: deque[int] = deque()
        self._finishing: set[asyncio.Task[None]] = set()

    def apply(self, definitions: Definitions) -> None:
        """Follow the deployed APIs; open connections stay, and meet the new routes."""
        self._definitions = definitions
        for socket in self._sockets.values():
            identity = socket.connection.identity
            stage = self.stage(identity.api_id, identity.stage)
            if stage is not None:
                socket.connection.stage = stage

    def stage(self, api_id: str, name: str) -> Stage | None:
        """A deployed stage, or None."""
        api = self._definitions.apis.get(api_id)
        return api.stages.get(name) if api is not None else None

    def primary_api(self, stage: str) -> WebSocketApi | None:
        """The API that `ws://localhost:PORT/STAGE` means: the only one with that stage."""
        found = [api for api in self._definitions.apis.values() if stage in api.stages]
        return found[0] if len(found) == 1 else None

    def connection_count(self) -> int:
        return len(self._sockets)

    def connection_ids(self) -> frozenset[str]:
        """The connections that are open or opening."""
        return frozenset(self._sockets)

    async def stop(self) -> None:
        """Close every connection; functions are not told any more."""
        for socket in list(self._sockets.values()):
            for effect in socket.connection.shut_down(self._clock.now_ms()):
                if isinstance(effect, core.Send):
                    socket.writer.write(effect.data)
            self._forget(socket)
            socket.writer.close()
        for task in list(self._finishing):
            task.cancel()
        await asyncio.gather(*self._finishing, return_exceptions=True)

    # WebSocket connections

    async def serve(
        self,
        request: HttpRequest,
        *,
        api_id: str,
        stage_name: str,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        respond: Callable[[HttpResponse], Awaitable[None]],
    ) -> None:
        """Take an upgrade request to its end. `respond` sends the handshake's answer."""
        api, stage = self._definitions.apis.get(api_id), self.stage(api_id, stage_name)
        key = request.header("Sec-WebSocket-Key")
        if api is None or stage is None or not stage.deployment_id:
            await respond(HttpResponse(status=403, body=b'{"message":"Forbidden"}'))
            return
        if key is None or request.header("Sec-WebSocket-Version") != "13":
            await respond(HttpResponse(status=400, body=b'{"message":"Bad Request"}'))
            return
        if not self._admit():
            await respond(HttpResponse(status=429, body=b'{"message":"Too Many Requests"}'))
            return
        connection = self._connection(request, api, stage, accept_key(key))
        socket = _Socket(connection=connection, writer=writer)
        connection_id = connection.identity.connection_id
        self._sockets[connection_id] = socket
        await self._carry_out(socket, connection.begin(self._clock.now_ms()), respond)
        try:
            if await socket.opened:
                await self._read(socket, reader)
        finally:
            self._forget(socket)
            writer.close()

    def _admit(self) -> bool:
        now_ms = self._clock.now_ms()
        while self._handshakes and self._handshakes[0] <= now_ms - 1000:
            self._handshakes.popleft()
        self._handshakes.append(now_ms)
        return len(self._handshakes) <= limits.CONNECTIONS_PER_S

    def _connection(self, request: HttpRequest, api: WebSocketApi, stage: Stage, accept: str) -> Connection:
        identity = Identity(
            connection_id=self._draw_id(),
            api_id=api.api_id,
            stage=stage.name,
            domain_name=f"{api.api_id}.execute-api.{self._region}.amazonaws.com",
            region=self._region,
            account_id=self._account_id,
            connected_ms=self._clock.now_ms(),
            source_ip=request.source_ip,
            user_agent=request.header("User-Agent"),
        )
        return Connection(
            identity=identity,
            stage=stage,
            selection_expression=stage.route_selection_expression,
            headers=request.headers,
            query=request.query,
            accept=accept,
            draw_id=self._draw_id,
        )

    async def _read(self, socket: _Socket, reader: asyncio.StreamReader) -> None:
        connection = socket.connection
        while connection.phase is Phase.OPEN or connection.next_deadline_ms is not None:
            try:
                data = await reader.read(READ_BYTES)
            except ConnectionError:
                data = b""
            if not data:
                await self._carry_out(socket, connection.lost(self._clock.now_ms()))
                return
            await self._carry_out(socket, connection.received(data, self._clock.now_ms()))
            if socket.writer.is_closing():
                return

    async def _carry_out(
        self,
        socket: _Socket,
        effects: list[core.Effect],
        respond: Callable[[HttpResponse], Awaitable[None]] | None = None,
    ) -> None:
        identity = socket.connection.identity
        for effect in effects:
            match effect:
                case core.Send(data=data):
                    if not socket.writer.is_closing():
                        socket.writer.write(data)
                case core.Respond(status=status) if respond is not None:
                    about = {
                        "connectionId": identity.connection_id,
                        "apiId": identity.api_id,
                        "stage": identity.stage,
                        "sourceIp": identity.source_ip,
                        "status": status,
                    }
                    self._journal.write("gateway.connect", about)
                    await respond(HttpResponse(status=status, headers=effect.headers, body=effect.body))
                    socket.opened.set_result(status == 101)
                case core.Invoke():
                    self._start(socket, effect, respond)
                case core.Closed(code=code, reason=reason):
                    about = {"connectionId": identity.connection_id, "code": code, "reason": reason}
                    self._journal.write("gateway.close", about)
                    self._sockets.pop(identity.connection_id, None)
                case core.Drop():
                    socket.writer.close()
        self._arm(socket)

    def _start(
        self, socket: _Socket, effect: core.Invoke, respond: Callable[[HttpResponse], Awaitable[None]] | None
    ) -> None:
        if effect.purpose is Purpose.MESSAGE:
            self._note_message(socket, effect)
        task = asyncio.create_task(self._run(socket, effect, respond))
        if effect.purpose is Purpose.DISCONNECT:
            self._finishing.add(task)
            task.add_done_callback(self._finishing.discard)
        else:
            socket.tasks.add(task)
            task.add_done_callback(socket.tasks.discard)

    async def _run(
        self, socket: _Socket, effect: core.Invoke, respond: Callable[[HttpResponse], Awaitable[None]] | None
    ) -> None:
        if self._may(socket.connection.identity, effect):
            outcome = await self._invoke(
                Invocation(function=effect.function_arn, payload=effect.payload, source="apigateway.amazonaws.com")
            )
        else:
            outcome = outcomes.refused(403, "AccessDeniedException", "API Gateway may not invoke the function")
        await self._carry_out(socket, socket.connection.outcome(effect.token, outcome, self._clock.now_ms()), respond)

    def _may(self, identity: Identity, effect: core.Invoke) -> bool:
        function = self._function(effect.function_arn)
        if effect.purpose is Purpose.AUTHORIZE:
            route = self._definitions.apis[identity.api_id].stages[identity.stage].routes["$connect"]
            authorizer_id = route.authorizer.authorizer_id if route.authorizer else ""
            return policy.may_authorize(
                function, account_id=self._account_id, region=self._region, api_id=identity.api_id,
                authorizer_id=authorizer_id,
            )  # fmt: skip
        return policy.may_invoke(
            function, account_id=self._account_id, region=self._region, api_id=identity.api_id, stage=identity.stage,
            route=effect.route_key,
        )  # fmt: skip

    def _function(self, arn: str) -> Function | None:
        return self._definitions.functions.get(arn.rpartition(":")[2])

    def _note_message(self, socket: _Socket, effect: core.Invoke) -> None:
        body = json.loads(effect.payload)["body"]
        about = {
            "connectionId": socket.connection.identity.connection_id,
            "requestId": effect.token,
            "routeKey": effect.route_key,
            "bytes": len(body),
        }
        self._journal.write("gateway.frame_in", about | observer.inbound(body))

    def _arm(self, socket: _Socket) -> None:
        if socket.timer is not None:
            socket.timer.cancel()
            socket.timer = None
        deadline_ms = socket.connection.next_deadline_ms
        if deadline_ms is not None:
            socket.timer = self._clock.call_at(deadline_ms, lambda: self._tick(socket))

    def _tick(self, socket: _Socket) -> None:
        effects = socket.connection.tick(self._clock.now_ms())
        task = asyncio.create_task(self._carry_out(socket, effects))
        self._finishing.add(task)
        task.add_done_callback(self._finishing.discard)

    def _forget(self, socket: _Socket) -> None:
        self._sockets.pop(socket.connection.identity.connection_id, None)
        if socket.timer is not None:
            socket.timer.cancel()
        for task in list(socket.tasks):
            task.cancel()

    def _draw_id(self) -> str:
        return ids.from_bytes(self._chance.randbytes(ids.ID_BYTES))

    # @connections

    async def connections_api(
        self, request: HttpRequest, *, api_id: str, stage_name: str, connection_id: str
    ) -> HttpResponse:
        """POST, GET and DELETE of `@connections/ID` (WS-47 … WS-54)."""
        if request.header("Authorization") is None and "X-Amz-Signature" not in parse_qs(request.query):
            return _refused(403, "MissingAuthenticationTokenException", "Missing Authentication Token")
        if self.stage(api_id, stage_name) is None:
            return _refused(403, "ForbiddenException", "Forbidden")
        if not ids.is_well_formed(connection_id):
            return _refused(400, "BadRequestException", f"Invalid connectionId: {connection_id}")
        socket = self._sockets.get(connection_id)
        if socket is None or socket.connection.phase is not Phase.OPEN or socket.connection.identity.api_id != api_id:
            return HttpResponse(status=410, headers=(("x-amzn-ErrorType", "GoneException"),))
        match request.method:
            case "POST":
                return await self._post(socket, request.body)
            case "GET":
                return self._describe(socket.connection)
            case "DELETE":
                await self._carry_out(socket, socket.connection.close(self._clock.now_ms()))
                return HttpResponse(status=204)
            case _:
                return _refused(403, "ForbiddenException", "Forbidden")

    async def _post(self, socket: _Socket, data: bytes) -> HttpResponse:
        if len(data) > limits.MESSAGE_BYTES:
            return _refused(413, "PayloadTooLargeException", "Message too long")
        transport = socket.writer.transport
        if transport.get_write_buffer_size() > limits.SEND_BUFFER_BYTES:
            return _refused(429, "LimitExceededException", "Too many requests")
        await self._carry_out(socket, socket.connection.post(data, self._clock.now_ms()))
        about = {"connectionId": socket.connection.identity.connection_id, "bytes": len(data), "via": "post"}
        self._journal.write("gateway.frame_out", about | observer.outbound(data))
        return HttpResponse(status=200)

    @staticmethod
    def _describe(connection: Connection) -> HttpResponse:
        def iso(at_ms: int) -> str:
            return datetime.fromtimestamp(at_ms / 1000, tz=UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"

        identity = connection.identity
        body = {
            "connectedAt": iso(identity.connected_ms),
            "identity": {"sourceIp": identity.source_ip, "userAgent": identity.user_agent},
            "lastActiveAt": iso(connection.last_active_ms),
        }
        return HttpResponse(status=200, headers=(("Content-Type", "application/json"),), body=json.dumps(body).encode())


def _refused(status: int, error_type: str, message: str) -> HttpResponse:
    return HttpResponse(
        status=status,
        headers=(("Content-Type", "application/json"), ("x-amzn-ErrorType", error_type)),
        body=json.dumps({"message": message}).encode(),
    )
