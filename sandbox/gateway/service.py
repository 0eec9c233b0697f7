"""The gateway in the live world: sockets for the pure connections, functions for their invocations, timers on the
clock."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from sandbox.clock import LiveClock
from sandbox.definitions.model import Definitions, Function, Stage, WebSocketApi
from sandbox.edge.http import HttpRequest, HttpResponse
from sandbox.edge.signature import Refusal
from sandbox.functions import outcomes
from sandbox.functions.invocation import Invocation, Outcome
from sandbox.gateway import connections_api, ids, observer, policy, upgrade
from sandbox.gateway.connection import Connection
from sandbox.gateway.effects import Invoke, Purpose, Respond, Told
from sandbox.gateway.events import Identity
from sandbox.gateway.live_connection import LiveConnection
from sandbox.gateway.quotas import AWS_QUOTAS, Quotas, Throttles
from sandbox.journal import Journal


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
        check_signature: Callable[[HttpRequest], Refusal | None],
        quotas: Quotas = AWS_QUOTAS,
    ) -> None:
        self._clock = clock
        self._journal = journal
        self._invoke = invoke
        self._region = region
        self._account_id = account_id
        self._chance = chance
        self._check_signature = check_signature
        self._throttles = Throttles(quotas)
        self._definitions = Definitions(revision=-1, account_id=account_id, region=region)
        self._allowed: dict[tuple[str, str, str, str], bool] = {}
        """What was asked of these definitions' policies, by function, API, stage and route."""
        self._connections: dict[str, LiveConnection] = {}
        self._invocations: set[asyncio.Task[None]] = set()
        self._stopping = False

    def apply(self, definitions: Definitions) -> None:
        """Follow the deployed APIs: open connections meet the new routes, and end with their stage."""
        self._definitions = definitions
        self._allowed.clear()
        for live in list(self._connections.values()):
            identity = live.connection.identity
            stage = self.stage(identity.api_id, identity.stage)
            if stage is not None:
                live.connection.stage = stage
            else:
                live.shut_down()

    def stage(self, api_id: str, name: str) -> Stage | None:
        """A stage with a deployment, or None."""
        api = self._definitions.apis.get(api_id)
        stage = api.stages.get(name) if api is not None else None
        return stage if stage is not None and stage.deployment_id else None

    def primary_api(self, stage: str) -> WebSocketApi | None:
        """The API that `ws://localhost:PORT/STAGE` means: the only one with that stage."""
        found = [api for api in self._definitions.apis.values() if stage in api.stages]
        return found[0] if len(found) == 1 else None

    def connection_count(self) -> int:
        return len(self._connections)

    def connection_ids(self) -> frozenset[str]:
        """The connections that are open or opening."""
        return frozenset(self._connections)

    async def stop(self) -> None:
        """Close every connection; functions are not told any more."""
        self._stopping = True
        for live in list(self._connections.values()):
            live.shut_down()
            live.release()
        for task in list(self._invocations):
            task.cancel()
        await asyncio.gather(*self._invocations, return_exceptions=True)

    # WebSocket connections

    async def serve(
        self,
        request: HttpRequest,
        *,
        api_id: str,
        stage_name: str,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        respond: Callable[[HttpResponse], None],
    ) -> None:
        """Take an upgrade request to its end. `respond` writes the handshake's answer."""
        stage, accept = self.stage(api_id, stage_name), upgrade.accept(request)
        if stage is None:
            respond(upgrade.refused(403, "Forbidden", "ForbiddenException"))
            return
        if accept is None:
            respond(upgrade.refused(400, "Bad Request", "BadRequestException"))
            return
        connect = stage.routes.get("$connect")
        unsigned = self._check_signature(request) if connect and connect.authorization_type == "AWS_IAM" else None
        if unsigned is not None:
            # WS-27
            respond(upgrade.refused(403, unsigned.message, unsigned.error_type))
            return
        if not self._throttles.admits_connection(self._clock.now_ms()):
            respond(upgrade.refused(429, "Too Many Requests", "TooManyRequestsException"))
            return
        live = LiveConnection(
            connection=self._connection(request, api_id, stage, accept),
            clock=self._clock,
            writer=writer,
            respond=respond,
            invoke=self._start,
            on_answered=self._note_answer,
            on_told=self._note_told,
            on_closed=self._closed,
        )
        connection_id = live.connection.identity.connection_id
        self._connections[connection_id] = live
        try:
            await live.serve(reader)
        finally:
            self._connections.pop(connection_id, None)

    def _connection(self, request: HttpRequest, api_id: str, stage: Stage, accept: str) -> Connection:
        identity = Identity(
            connection_id=self._draw_id(),
            api_id=api_id,
            stage=stage.name,
            domain_name=f"{api_id}.execute-api.{self._region}.amazonaws.com",
            region=self._region,
            account_id=self._account_id,
            connected_ms=self._clock.now_ms(),
            source_ip=request.source_ip,
            user_agent=request.header("User-Agent"),
        )
        return Connection(
            identity=identity,
            stage=stage,
            headers=request.headers,
            query=request.query,
            accept=accept,
            draw_id=self._draw_id,
            admit=partial(self._throttles.admits, api_id, stage.name),
        )

    def _start(self, live: LiveConnection, effect: Invoke) -> None:
        if effect.purpose is Purpose.MESSAGE:
            self._note_message(live, effect)
        elif self._stopping:
            return
        task = asyncio.create_task(self._run(live, effect))
        self._invocations.add(task)
        task.add_done_callback(self._invocations.discard)

    async def _run(self, live: LiveConnection, effect: Invoke) -> None:
        if self._may(live.connection, effect):
            began_ms = self._clock.now_ms()
            outcome = await self._invoke(
                Invocation(function=effect.function_arn, payload=effect.payload, source="apigateway.amazonaws.com")
            )
            if effect.purpose is not Purpose.AUTHORIZE:
                latency_ms = min(self._clock.now_ms(), effect.deadline_ms) - began_ms
                about = {**_whose(live, effect.route_key), "requestId": effect.token, "latencyMs": latency_ms}
                if outcome.request_id:
                    about["integrationRequestId"] = outcome.request_id
                self._journal.write("gateway.integration", about)
        else:
            outcome = outcomes.refused(403, "AccessDeniedException", "API Gateway may not invoke the function")
        live.carry_out(live.connection.outcome(effect.token, outcome, self._clock.now_ms()))

    def _may(self, connection: Connection, effect: Invoke) -> bool:
        if effect.purpose is Purpose.AUTHORIZE:
            return self._look_up(connection, effect)
        identity = connection.identity
        asked = (effect.function_arn, identity.api_id, identity.stage, effect.route_key)
        if asked not in self._allowed:
            self._allowed[asked] = self._look_up(connection, effect)
        return self._allowed[asked]

    def _look_up(self, connection: Connection, effect: Invoke) -> bool:
        identity, function = connection.identity, self._function(effect.function_arn)
        if effect.purpose is Purpose.AUTHORIZE:
            authorizer = connection.stage.routes["$connect"].authorizer
            return policy.may_authorize(
                function, account_id=self._account_id, region=self._region, api_id=identity.api_id,
                authorizer_id=authorizer.authorizer_id if authorizer else "",
            )  # fmt: skip
        return policy.may_invoke(
            function, account_id=self._account_id, region=self._region, api_id=identity.api_id, stage=identity.stage,
            route=effect.route_key,
        )  # fmt: skip

    def _function(self, arn: str) -> Function | None:
        return self._definitions.functions.get(arn.rpartition(":")[2])

    def _closed(self, live: LiveConnection, code: int, reason: str) -> None:
        connection_id = live.connection.identity.connection_id
        self._connections.pop(connection_id, None)
        self._journal.write("gateway.close", {"connectionId": connection_id, "code": code, "reason": reason})

    def _note_answer(self, live: LiveConnection, answer: Respond) -> None:
        about = {**_whose(live, "$connect"), "sourceIp": live.connection.identity.source_ip, "status": answer.status}
        if answer.fault is not None:
            about |= {"fault": answer.fault.value, "reason": answer.reason}
        self._journal.write("gateway.connect", about)

    def _note_told(self, live: LiveConnection, told: Told) -> None:
        about = {
            **_whose(live, told.route_key),
            "requestId": told.request_id,
            "message": told.message,
            "fault": told.fault.value,
            "reason": told.reason,
        }
        self._journal.write("gateway.error", about)

    def _note_message(self, live: LiveConnection, effect: Invoke) -> None:
        about = {**_whose(live, effect.route_key), "requestId": effect.token, "bytes": len(effect.body)}
        self._journal.write("gateway.frame_in", about | observer.inbound(effect.body))

    def _draw_id(self) -> str:
        return ids.from_bytes(self._chance.randbytes(ids.ID_BYTES))

    # @connections

    async def connections_api(
        self, request: HttpRequest, *, api_id: str, stage_name: str, connection_id: str
    ) -> HttpResponse:
        """POST, GET and DELETE of `@connections/ID` (WS-47 … WS-54)."""
        unsigned = self._check_signature(request)
        if unsigned is not None:
            return connections_api.refused(403, unsigned.error_type, unsigned.message)
        if self.stage(api_id, stage_name) is None:
            return connections_api.refused(403, "ForbiddenException", "Forbidden")

        def find(wanted: str) -> LiveConnection | None:
            found = self._connections.get(wanted)
            identity = found.connection.identity if found is not None else None
            return found if identity is not None and (identity.api_id, identity.stage) == (api_id, stage_name) else None

        answer = connections_api.answer(
            request,
            connection_id=connection_id,
            find=find,
            admits=lambda: self._throttles.admits_callback(self._clock.now_ms()),
        )
        if request.method == "POST" and answer.status == 200:
            about = {
                "connectionId": connection_id,
                "apiId": api_id,
                "stage": stage_name,
                "bytes": len(request.body),
                "via": "post",
            }
            self._journal.write("gateway.frame_out", about | observer.outbound(request.body))
        return answer


def _whose(live: LiveConnection, route_key: str) -> dict[str, Any]:
    identity, route = live.connection.identity, live.connection.stage.routes.get(route_key)
    about = {
        "connectionId": identity.connection_id,
        "apiId": identity.api_id,
        "stage": identity.stage,
        "routeKey": route_key,
    }
    return {**about, "detailed": True} if route is not None and route.detailed_metrics else about
