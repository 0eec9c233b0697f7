"""One WebSocket connection of an API, as a pure state machine around the sans-I/O protocol of `websockets`.

    AUTHORIZING ── allowed ──> CONNECTING ── 2xx ──> OPEN ── closed by either side, lost, timed out ──> CLOSED
         └───────── refused ────────┴─── refused ────────────────────────────────────────────────────────┘

Inputs come with `now_ms`; each returns effects for the shell to carry out in order. Ids come from `draw_id`. Each
message is
an invocation of its own: none waits for another, and nothing orders them (WS-46).
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any

from websockets.exceptions import ProtocolError
from websockets.frames import CloseCode, Frame, Opcode
from websockets.protocol import Protocol, Side, State

from sandbox.definitions.model import Route, Stage
from sandbox.edge.http import Headers
from sandbox.functions.invocation import Outcome
from sandbox.gateway import events, frames, limits, policy
from sandbox.gateway.events import Identity
from sandbox.gateway.route_selection import route_key

CLOSE_HANDSHAKE_MS = 2_000
"""How long a client may take to answer a close frame before its socket is dropped."""


class Phase(Enum):
    """Where a connection is in its life."""

    AUTHORIZING = auto()
    CONNECTING = auto()
    OPEN = auto()
    CLOSED = auto()


class Purpose(Enum):
    """What an invocation is for."""

    AUTHORIZE = auto()
    CONNECT = auto()
    MESSAGE = auto()
    DISCONNECT = auto()


@dataclass(frozen=True, kw_only=True)
class Invoke:
    """Invoke the function; its outcome comes back under `token`."""

    token: str
    purpose: Purpose
    function_arn: str
    route_key: str
    payload: bytes


@dataclass(frozen=True, kw_only=True)
class Respond:
    """Answer the handshake; 101 opens the connection, anything else ends it."""

    status: int
    headers: Headers = ()
    body: bytes = b""


@dataclass(frozen=True, kw_only=True)
class Send:
    """Bytes for the client."""

    data: bytes


@dataclass(frozen=True, kw_only=True)
class Drop:
    """Close the socket."""


@dataclass(frozen=True, kw_only=True)
class Closed:
    """The connection is over: nothing reaches it any more."""

    code: int
    reason: str


Effect = Invoke | Respond | Send | Drop | Closed


@dataclass(kw_only=True)
class Connection:
    """The state of one connection on one stage. `accept` is the handshake's `Sec-WebSocket-Accept`."""

    identity: Identity
    stage: Stage
    selection_expression: str
    headers: Headers
    query: str
    accept: str
    draw_id: Callable[[], str]
    phase: Phase = Phase.AUTHORIZING
    last_active_ms: int = 0
    _protocol: Protocol = field(init=False)
    _authorizer: dict[str, str] | None = None
    _pending: dict[str, tuple[Purpose, str, int, bool]] = field(default_factory=dict)
    _parts: list[bytes] = field(default_factory=list)
    _close_deadline_ms: int | None = None

    def __post_init__(self) -> None:
        self._protocol = Protocol(Side.SERVER, state=State.OPEN, max_size=(limits.MESSAGE_BYTES, limits.FRAME_BYTES))
        self.last_active_ms = self.identity.connected_ms

    @property
    def next_deadline_ms(self) -> int | None:
        """When `tick` is due next."""
        deadlines = [deadline for _, _, deadline, _ in self._pending.values()]
        if self.phase is Phase.OPEN:
            deadlines += [
                self.last_active_ms + limits.IDLE_MS,
                self.identity.connected_ms + limits.DURATION_MS,
            ]
        if self._close_deadline_ms is not None:
            deadlines.append(self._close_deadline_ms)
        return min(deadlines, default=None)

    # the handshake

    def begin(self, now_ms: int) -> list[Effect]:
        """The client asks for the upgrade: authorizer first, then `$connect`, then the 101 (WS-26)."""
        route = self.stage.routes.get("$connect")
        if route is None or route.authorizer is None:
            return self._connect(now_ms)
        missing = [source for source in route.authorizer.identity_sources if not self._identity_value(source)]
        if missing:
            return self._refuse(401)
        request_id = self.draw_id()
        event = events.authorize(
            self.identity, headers=self.headers, query=self.query, now_ms=now_ms, request_id=request_id,
            stage_variables=dict(self.stage.stage_variables),
        )  # fmt: skip
        return [self._invoke(Purpose.AUTHORIZE, route.authorizer.function_arn, "$connect", event, request_id, now_ms)]

    def outcome(self, token: str, outcome: Outcome, now_ms: int) -> list[Effect]:
        """An invocation has ended."""
        pending = self._pending.pop(token, None)
        if pending is None:
            return []
        purpose, request_id, _, returns_response = pending
        match purpose:
            case Purpose.AUTHORIZE if self.phase is Phase.AUTHORIZING:
                return self._authorized(outcome, now_ms)
            case Purpose.CONNECT if self.phase is Phase.CONNECTING:
                return self._connected(outcome, now_ms)
            case Purpose.MESSAGE if self.phase is Phase.OPEN:
                return self._answered(outcome, request_id, now_ms, returns_response=returns_response)
            case _:
                return []

    def _authorized(self, outcome: Outcome, now_ms: int) -> list[Effect]:
        identity = self.identity
        arn = f"arn:aws:execute-api:{identity.region}:{identity.account_id}:{identity.api_id}/{identity.stage}/$connect"
        decision = policy.authorization(outcome, arn)
        if isinstance(decision, policy.Denied):
            return self._refuse(decision.status)
        self._authorizer = decision.context
        return self._connect(now_ms)

    def _connect(self, now_ms: int) -> list[Effect]:
        self.phase = Phase.CONNECTING
        route = self.stage.routes.get("$connect")
        if route is None or route.integration is None:
            return self._open(now_ms, None)
        if route.integration.function_arn is None:
            return self._refuse(500)
        request_id = self.draw_id()
        event = events.connect(
            self.identity, headers=self.headers, query=self.query, now_ms=now_ms, request_id=request_id,
            authorizer=self._authorizer,
        )  # fmt: skip
        arn = route.integration.function_arn
        return [self._invoke(Purpose.CONNECT, arn, "$connect", event, request_id, now_ms, route=route)]

    def _connected(self, outcome: Outcome, now_ms: int) -> list[Effect]:
        """WS-23, WS-24: the handler's status is the handshake's; a failure is 502, no permission 500."""
        if outcome.status != 200:
            return self._refuse(500)
        if outcome.function_error is not None:
            return self._refuse(502)
        try:
            answer = json.loads(outcome.payload)
            status = int(answer["statusCode"])
        except (ValueError, KeyError, TypeError):
            return self._refuse(502)
        if not 200 <= status < 300:
            return self._refuse(status)
        chosen = {name.lower(): str(value) for name, value in (answer.get("headers") or {}).items()}
        return self._open(now_ms, chosen.get("sec-websocket-protocol"))

    def _open(self, now_ms: int, subprotocol: str | None) -> list[Effect]:
        self.phase, self.last_active_ms = Phase.OPEN, now_ms
        headers = [("Upgrade", "websocket"), ("Connection", "Upgrade"), ("Sec-WebSocket-Accept", self.accept)]
        if subprotocol is not None:
            headers.append(("Sec-WebSocket-Protocol", subprotocol))
        return [Respond(status=101, headers=tuple(headers))]

    def _refuse(self, status: int) -> list[Effect]:
        self.phase = Phase.CLOSED
        request_id = self.draw_id()
        text = {401: "Unauthorized", 403: "Forbidden"}.get(status, "Internal server error" if status >= 500 else "")
        body = frames.refusal(text, self.identity.connection_id, request_id).encode() if text else b""
        return [Respond(status=status, headers=(("x-amzn-RequestId", request_id),), body=body)]

    # messages

    def received(self, data: bytes, now_ms: int) -> list[Effect]:
        """Bytes of the client; broken frames close the connection with the code that RFC 6455 names."""
        if self.phase is Phase.CLOSED and self._close_deadline_ms is not None:
            return self._farewell(data)
        if self.phase is not Phase.OPEN:
            return []
        self._protocol.receive_data(data)
        effects: list[Effect] = []
        for event in self._protocol.events_received():
            if isinstance(event, Frame) and self.phase is Phase.OPEN:
                effects += self._frame(event, now_ms)
        return [*effects, *self._flush(now_ms)]

    def lost(self, now_ms: int) -> list[Effect]:
        """The socket ended without a close frame (WS-10)."""
        if self.phase is Phase.OPEN:
            return self._ended(1006, "", now_ms)
        self.phase = Phase.CLOSED
        return []

    def post(self, data: bytes, now_ms: int) -> list[Effect]:
        """A callback's message: at most 32 KB a frame (WS-47, WS-56)."""
        self.last_active_ms = now_ms
        step = limits.FRAME_BYTES
        pieces = [data[start : start + step] for start in range(0, len(data), step)] or [b""]
        self._protocol.send_text(pieces[0], fin=len(pieces) == 1)
        for number, piece in enumerate(pieces[1:], start=2):
            self._protocol.send_continuation(piece, fin=number == len(pieces))
        return self._flush(now_ms)

    def close(self, now_ms: int) -> list[Effect]:
        """A callback's DELETE (WS-09, WS-54)."""
        return self._server_close(1000, "Connection Closed Normally", now_ms)

    def shut_down(self, now_ms: int) -> list[Effect]:
        """The gateway itself ends."""
        return self._server_close(1001, "Going away", now_ms)

    def tick(self, now_ms: int) -> list[Effect]:
        """A deadline may have passed: idle, two hours, an integration, the close handshake."""
        effects: list[Effect] = []
        for token, (purpose, request_id, deadline_ms, _) in list(self._pending.items()):
            if now_ms >= deadline_ms:
                del self._pending[token]
                effects += self._timed_out(purpose, request_id, now_ms)
        if self.phase is Phase.OPEN and (
            now_ms >= self.last_active_ms + limits.IDLE_MS or now_ms >= self.identity.connected_ms + limits.DURATION_MS
        ):
            effects += self._server_close(1001, "Going away", now_ms)
        if self._close_deadline_ms is not None and now_ms >= self._close_deadline_ms:
            self._close_deadline_ms = None
            effects.append(Drop())
        return effects

    def _timed_out(self, purpose: Purpose, request_id: str, now_ms: int) -> list[Effect]:
        if purpose is Purpose.MESSAGE and self.phase is Phase.OPEN:
            return self._say(frames.timed_out(self.identity.connection_id, request_id), now_ms)
        if purpose is Purpose.AUTHORIZE and self.phase is Phase.AUTHORIZING:
            return self._refuse(500)
        if purpose is Purpose.CONNECT and self.phase is Phase.CONNECTING:
            return self._refuse(504)
        return []

    def _frame(self, frame: Frame, now_ms: int) -> list[Effect]:
        if frame.opcode is Opcode.BINARY:
            return self._server_close(CloseCode.UNSUPPORTED_DATA, "", now_ms)
        if frame.opcode not in (Opcode.TEXT, Opcode.CONT):
            return []
        self._parts.append(bytes(frame.data))
        if not frame.fin:
            return []
        data, self._parts = b"".join(self._parts), []
        try:
            body = data.decode()
        except UnicodeDecodeError:
            return self._server_close(CloseCode.INVALID_DATA, "", now_ms)
        self.last_active_ms = now_ms
        return self._message(body, now_ms)

    def _message(self, body: str, now_ms: int) -> list[Effect]:
        key = route_key(self.selection_expression, body, self.stage.routes)
        request_id = self.draw_id()
        if key is None:
            return self._say(frames.forbidden(self.identity.connection_id, request_id), now_ms)
        route = self.stage.routes[key]
        if route.integration is None or route.integration.function_arn is None:
            return self._say(frames.internal_server_error(self.identity.connection_id, request_id), now_ms)
        event = events.message(
            self.identity, route_key=key, body=body, now_ms=now_ms, request_id=request_id, message_id=self.draw_id(),
            authorizer=self._authorizer,
        )  # fmt: skip
        arn = route.integration.function_arn
        return [self._invoke(Purpose.MESSAGE, arn, key, event, request_id, now_ms, route=route)]

    def _answered(self, outcome: Outcome, request_id: str, now_ms: int, *, returns_response: bool) -> list[Effect]:
        """A failure is a frame of the gateway's; a body reaches the client only through a route response (WS-35)."""
        if outcome.status != 200 or outcome.function_error is not None:
            return self._say(frames.internal_server_error(self.identity.connection_id, request_id), now_ms)
        if not returns_response:
            return []
        try:
            answer = json.loads(outcome.payload)
        except ValueError:
            return []
        body = answer.get("body") if isinstance(answer, dict) else None
        return self._say(body, now_ms) if isinstance(body, str) else []

    def _say(self, text: str, now_ms: int) -> list[Effect]:
        self.last_active_ms = now_ms
        self._protocol.send_text(text.encode())
        return self._flush(now_ms)

    # the end

    def _server_close(self, code: int, reason: str, now_ms: int) -> list[Effect]:
        if self.phase is not Phase.OPEN:
            return []
        try:
            self._protocol.fail(code, reason) if code not in (1000, 1001) else self._protocol.send_close(code, reason)
        except ProtocolError:
            return self._ended(1006, "", now_ms)
        data = b"".join(self._protocol.data_to_send())
        self._close_deadline_ms = now_ms + CLOSE_HANDSHAKE_MS
        return [Send(data=data), *self._ended(code, reason, now_ms)]

    def _farewell(self, data: bytes) -> list[Effect]:
        """The client's answer to a close frame: then the socket can go."""
        self._protocol.receive_data(data)
        if self._protocol.close_rcvd is None:
            return []
        self._close_deadline_ms = None
        return [Drop()]

    def _flush(self, now_ms: int) -> list[Effect]:
        """What the protocol wants sent; and the end, when it has seen or made one."""
        data = b"".join(self._protocol.data_to_send())
        effects: list[Effect] = [Send(data=data)] if data else []
        if self.phase is not Phase.OPEN or self._protocol.state is State.OPEN:
            return effects
        received, sent = self._protocol.close_rcvd, self._protocol.close_sent
        if received is not None:
            code, reason = int(received.code), received.reason
            if code == CloseCode.NO_STATUS_RCVD:
                reason = "Client-side close frame status not set"
        elif sent is not None:
            code, reason = int(sent.code), ""
        else:
            code, reason = 1006, ""
        self._close_deadline_ms = now_ms + CLOSE_HANDSHAKE_MS
        return [*effects, *self._ended(code, reason, now_ms), *([Drop()] if received is not None else [])]

    def _ended(self, code: int, reason: str, now_ms: int) -> list[Effect]:
        self.phase = Phase.CLOSED
        effects: list[Effect] = [Closed(code=code, reason=reason)]
        route = self.stage.routes.get("$disconnect")
        if route is not None and route.integration is not None and route.integration.function_arn is not None:
            request_id = self.draw_id()
            event = events.disconnect(
                self.identity, code=code, reason=reason, now_ms=now_ms, request_id=request_id,
                authorizer=self._authorizer,
            )  # fmt: skip
            arn = route.integration.function_arn
            effects.append(self._invoke(Purpose.DISCONNECT, arn, "$disconnect", event, request_id, now_ms, route=route))
        return effects

    def _invoke(
        self,
        purpose: Purpose,
        function_arn: str,
        key: str,
        event: dict[str, Any],
        request_id: str,
        now_ms: int,
        *,
        route: Route | None = None,
    ) -> Invoke:
        timeout_ms = route.integration.timeout_ms if route and route.integration else limits.INTEGRATION_MS[1]
        if purpose is not Purpose.DISCONNECT:
            returns = route.returns_response if route else False
            self._pending[request_id] = (purpose, request_id, now_ms + timeout_ms, returns)
        return Invoke(
            token=request_id, purpose=purpose, function_arn=function_arn, route_key=key,
            payload=json.dumps(event, separators=(",", ":")).encode(),
        )  # fmt: skip

    def _identity_value(self, source: str) -> str | None:
        """The value of `route.request.header.X` or `route.request.querystring.X` (WS-29)."""
        kind, _, name = source.removeprefix("route.request.").partition(".")
        if kind == "querystring":
            return next(
                (pair.partition("=")[2] for pair in self.query.split("&") if pair.partition("=")[0] == name), None
            )
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)
