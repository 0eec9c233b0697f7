"""One WebSocket connection of an API: `lifecycle.py` says what follows from what, this module makes it so. Pure.

Inputs come with `now_ms`; each returns effects for the shell to carry out in order. Ids come from `draw_id`, and
`admit` says whether a route takes one more request now. Each message is an invocation of its own: none waits for
another, and nothing orders them (WS-46).
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sandbox.definitions.model import Integration, Route, Stage
from sandbox.edge.http import Headers
from sandbox.functions.invocation import Outcome
from sandbox.gateway import events, frames, handshake, limits, policy, wire
from sandbox.gateway.effects import Closed, Drop, Effect, Fault, Invoke, Purpose, Send, Told
from sandbox.gateway.events import Identity
from sandbox.gateway.handshake import Refused
from sandbox.gateway.lifecycle import Action, Input, State, move
from sandbox.gateway.route_selection import route_key
from sandbox.gateway.wire import Wire

GOING_AWAY = (1001, "Going away")
DELETED = (1000, "Connection Closed Normally")
_encode = json.JSONEncoder(separators=(",", ":")).encode
THROTTLED = "the route or the account is throttled"
NO_FUNCTION = "the route has no function"


class _Pending(NamedTuple):
    """An invocation whose outcome is awaited."""

    purpose: Purpose
    route_key: str
    deadline_ms: int
    returns_response: bool


@dataclass(kw_only=True)
class Connection:
    """The state of one connection on one stage. `accept` is the handshake's `Sec-WebSocket-Accept`."""

    identity: Identity
    stage: Stage
    headers: Headers
    query: str
    accept: str
    draw_id: Callable[[], str]
    admit: Callable[[Route, int], bool]
    state: State = State.REQUESTED
    last_active_ms: int = field(init=False)
    _wire: Wire = field(init=False, default_factory=Wire)
    _authorizer: dict[str, str] | None = field(init=False, default=None)
    _handshake_id: str = field(init=False, default="")
    _pending: dict[str, _Pending] = field(init=False, default_factory=dict)
    _close_deadline_ms: int | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self.last_active_ms = self.identity.connected_ms

    @property
    def next_deadline_ms(self) -> int | None:
        """When `tick` is due next."""
        deadlines = [one.deadline_ms for one in self._pending.values()]
        if self.state is State.OPEN:
            deadlines += [self.last_active_ms + limits.IDLE_MS, self.identity.connected_ms + limits.DURATION_MS]
        if self._close_deadline_ms is not None:
            deadlines.append(self._close_deadline_ms)
        return min(deadlines, default=None)

    # inputs

    def begin(self, now_ms: int) -> list[Effect]:
        """The client asks for the upgrade: authorizer first, then `$connect`, then the 101 (WS-26)."""
        route = self.stage.routes.get("$connect")
        # Authorizer and `$connect` see one request.
        self._handshake_id = self._handshake_id or self.draw_id()
        if route is not None and not self.admit(route, now_ms):
            return self._refuse(429, Fault.CLIENT, THROTTLED)
        if route is None or route.authorizer is None:
            return self._ask_connect(now_ms)
        context = events.connect_context(self.identity, now_ms=now_ms, request_id="")
        for source in route.authorizer.identity_sources:
            if not handshake.identity_value(
                source, headers=self.headers, query=self.query, stage_variables=dict(self.stage.stage_variables),
                context=context,
            ):  # fmt: skip
                return self._refuse(401, Fault.CLIENT, f"the identity source {source} is missing or empty")
        action = self._advance(Input.AUTHORIZER_NEEDED)
        return [self._authorize(route.authorizer.function_arn, now_ms)] if action is Action.AUTHORIZE else []

    def outcome(self, token: str, outcome: Outcome, now_ms: int) -> list[Effect]:
        """An invocation has ended; one that came too late changes nothing."""
        pending = self._pending.pop(token, None)
        if pending is None:
            return []
        if pending.purpose is Purpose.MESSAGE:
            return self._answer(outcome, token, pending, now_ms)
        if pending.purpose is Purpose.AUTHORIZE:
            decision = policy.authorization(outcome, self._method_arn())
            if isinstance(decision, policy.Denied):
                return self._refuse(decision.status, decision.fault, decision.reason)
            self._authorizer = decision.context
            return self._ask_connect(now_ms)
        answer = handshake.connect_answer(outcome)
        if isinstance(answer, Refused):
            return self._refuse(answer.status, answer.fault, answer.reason)
        return self._accept(answer.subprotocol, now_ms)

    def received(self, data: bytes, now_ms: int) -> list[Effect]:
        """Bytes of the client; what API Gateway does not take closes the connection with the code for it."""
        effects: list[Effect] = []
        if self.state not in (State.OPEN, State.CLOSING):
            return effects
        for one in self._wire.receive(data):
            match one:
                case wire.Text(body):
                    if self._advance(Input.MESSAGE) is Action.ROUTE:
                        self.last_active_ms = now_ms
                        effects += self._route(body, now_ms)
                case wire.Broken(code):
                    effects += self._close(Input.BROKEN, code, "", now_ms)
                case wire.ClientClose(code, reason):
                    effects += self._client_closed(code, reason, now_ms)
        if self.state is State.OPEN:
            effects += self._flush()
        return effects

    def post(self, data: bytes, now_ms: int) -> list[Effect]:
        """A callback's message (WS-47)."""
        return self._say(data, now_ms)

    def delete(self, now_ms: int) -> list[Effect]:
        """A callback's DELETE (WS-09, WS-54)."""
        return self._close(Input.DELETED, *DELETED, now_ms)

    def shut_down(self, now_ms: int) -> list[Effect]:
        """The gateway or the stage itself ends."""
        return self._close(Input.GOING_AWAY, *GOING_AWAY, now_ms)

    def lost(self, now_ms: int) -> list[Effect]:
        """The socket ended without a close frame (WS-10)."""
        if self._advance(Input.LOST) is Action.END:
            return self._ended(1006, "", now_ms)
        self._pending.clear()
        self._close_deadline_ms = None
        return []

    def stalled(self, now_ms: int) -> list[Effect]:
        """The client does not read what waits for it: no close frame would reach it."""
        match self._advance(Input.STALLED):
            case Action.CUT:
                return [*self._ended(1006, "", now_ms), Drop(abruptly=True)]
            case Action.DROP:
                return self._drop(abruptly=True)
        return []

    def tick(self, now_ms: int) -> list[Effect]:
        """A deadline may have passed: of an integration, idle, two hours, the close handshake."""
        effects: list[Effect] = []
        for token in [token for token, one in self._pending.items() if now_ms >= one.deadline_ms]:
            effects += self._timed_out(token, self._pending.pop(token), now_ms)
        idle_ms, over_ms = self.last_active_ms + limits.IDLE_MS, self.identity.connected_ms + limits.DURATION_MS
        if self.state is State.OPEN and now_ms >= min(idle_ms, over_ms):
            effects += self.shut_down(now_ms)
        due_ms = self._close_deadline_ms
        if due_ms is not None and now_ms >= due_ms and self._advance(Input.OVERDUE) is Action.DROP:
            effects += self._drop(abruptly=True)
        return effects

    # the handshake

    def _ask_connect(self, now_ms: int) -> list[Effect]:
        route = self.stage.routes.get("$connect")
        if route is None or route.integration is None:
            return self._accept(None, now_ms)
        if route.integration.function_arn is None:
            return self._refuse(500, Fault.EXECUTION, NO_FUNCTION)
        if self._advance(Input.CONNECT_NEEDED) is not Action.CONNECT:
            return []
        event = events.connect(
            self.identity, headers=self.headers, query=self.query, now_ms=now_ms, request_id=self._handshake_id,
            authorizer=self._authorizer,
        )  # fmt: skip
        return [self._invoke(Purpose.CONNECT, route, event, self._handshake_id, now_ms)]

    def _authorize(self, function_arn: str, now_ms: int) -> Effect:
        event = events.authorize(
            self.identity, headers=self.headers, query=self.query, now_ms=now_ms, request_id=self._handshake_id,
            stage_variables=dict(self.stage.stage_variables),
        )  # fmt: skip
        called = Integration(integration_id="", integration_type="AWS_PROXY", function_arn=function_arn)
        route = Route(route_key="$connect", integration=called)
        return self._invoke(Purpose.AUTHORIZE, route, event, f"{self._handshake_id}/authorizer", now_ms)

    def _accept(self, subprotocol: str | None, now_ms: int) -> list[Effect]:
        if self._advance(Input.ACCEPTED) is not Action.ACCEPT:
            return []
        self.last_active_ms = now_ms
        return [handshake.accepted(self.accept, subprotocol)]

    def _refuse(self, status: int, fault: Fault, reason: str) -> list[Effect]:
        if self._advance(Input.REFUSED) is not Action.REFUSE:
            return []
        connection_id = self.identity.connection_id
        return [handshake.refused(status, connection_id, self._handshake_id, fault=fault, reason=reason)]

    # messages

    def _route(self, body: str, now_ms: int) -> list[Effect]:
        stage = self.stage
        key = route_key(stage.route_selection_expression, body, stage.routes)
        request_id = self.draw_id()
        if key is None:
            return self._tell(frames.FORBIDDEN, Fault.CLIENT, "no route takes it", request_id, "", now_ms)
        route = stage.routes[key]
        if not self.admit(route, now_ms):
            return self._tell(frames.TOO_MANY_REQUESTS, Fault.CLIENT, THROTTLED, request_id, key, now_ms)
        if route.integration is None or route.integration.function_arn is None:
            return self._tell(
                frames.INTERNAL_SERVER_ERROR, Fault.EXECUTION, NO_FUNCTION, request_id, key, now_ms
            )  # fmt: skip
        event = events.message(
            self.identity, route_key=key, body=body, now_ms=now_ms, request_id=request_id, message_id=self.draw_id(),
            authorizer=self._authorizer,
        )  # fmt: skip
        return [self._invoke(Purpose.MESSAGE, route, event, request_id, now_ms, body=body)]

    def _answer(self, outcome: Outcome, request_id: str, pending: _Pending, now_ms: int) -> list[Effect]:
        """A failure is a frame of the gateway's; a body reaches the client only through a route response (WS-35),
        and an empty one not at all."""
        text, key = frames.INTERNAL_SERVER_ERROR, pending.route_key
        if outcome.status != 200:
            reason = outcome.error_type or "the function could not be invoked"
            return self._tell(text, Fault.EXECUTION, reason, request_id, key, now_ms)
        if outcome.function_error is not None:
            return self._tell(text, Fault.INTEGRATION, "the function failed", request_id, key, now_ms)
        if not pending.returns_response:
            return []
        try:
            answer = json.loads(outcome.payload)
        except (ValueError, RecursionError):
            return []
        body = answer.get("body") if isinstance(answer, dict) else None
        if not isinstance(body, str) or not body:
            return []
        # Half a surrogate pair has no UTF-8; Java, which the service is written in, sends a question mark for it.
        data = body.encode(errors="replace")
        if len(data) > limits.MESSAGE_BYTES:
            return self._tell(text, Fault.INTEGRATION, "its answer is over 128 KB", request_id, key, now_ms)
        return self._say(data, now_ms)

    def _timed_out(self, request_id: str, pending: _Pending, now_ms: int) -> list[Effect]:
        """WS-22; an authorizer that takes too long is a failure of it (WS-31)."""
        reason = "the function did not answer in time"
        if pending.purpose is Purpose.MESSAGE:
            return self._tell(frames.TIMED_OUT, Fault.EXECUTION, reason, request_id, pending.route_key, now_ms)
        return self._refuse(504 if pending.purpose is Purpose.CONNECT else 500, Fault.EXECUTION, reason)

    def _tell(self, text: str, fault: Fault, reason: str, request_id: str, key: str, now_ms: int) -> list[Effect]:
        """Words of the gateway's own."""
        said = self._say(frames.refusal(text, self.identity.connection_id, request_id).encode(), now_ms)
        if not said:
            return said
        return [Told(request_id=request_id, route_key=key, message=text, fault=fault, reason=reason), *said]

    def _say(self, data: bytes, now_ms: int) -> list[Effect]:
        if self._advance(Input.SPOKEN) is not Action.SEND:
            return []
        self.last_active_ms = now_ms
        self._wire.text(data)
        return self._flush()

    def _flush(self) -> list[Effect]:
        data = self._wire.take()
        return [Send(data=data)] if data else []

    # the end

    def _close(self, given: Input, code: int, reason: str, now_ms: int) -> list[Effect]:
        if self._advance(given) is not Action.CLOSE:
            return []
        self._wire.close(code, reason)
        self._close_deadline_ms = now_ms + limits.CLOSE_HANDSHAKE_MS
        return [Send(data=self._wire.take(), last=self._wire.unreadable), *self._ended(code, reason, now_ms)]

    def _client_closed(self, code: int, reason: str, now_ms: int) -> list[Effect]:
        match self._advance(Input.CLIENT_CLOSED):
            case Action.ECHO:
                return [*self._flush(), *self._ended(code, reason, now_ms), *self._drop()]
            case Action.DROP:
                return self._drop()
        return []

    def _drop(self, *, abruptly: bool = False) -> list[Effect]:
        self._close_deadline_ms = None
        return [Drop(abruptly=abruptly)]

    def _ended(self, code: int, reason: str, now_ms: int) -> list[Effect]:
        """The connection is over: `$disconnect`'s function is told, and nobody waits for what it says (WS-11)."""
        effects: list[Effect] = [Closed(code=code, reason=reason)]
        route = self.stage.routes.get("$disconnect")
        if route is not None and route.integration is not None and route.integration.function_arn is not None:
            request_id = self.draw_id()
            event = events.disconnect(
                self.identity, code=code, reason=reason, now_ms=now_ms, request_id=request_id,
                authorizer=self._authorizer,
            )  # fmt: skip
            effects.append(self._invoke(Purpose.DISCONNECT, route, event, request_id, now_ms))
        self._pending.clear()
        return effects

    # what all share

    def _advance(self, given: Input) -> Action:
        action, self.state = move(self.state, given)
        return action

    def _invoke(
        self, purpose: Purpose, route: Route, event: dict[str, Any], token: str, now_ms: int, *, body: str = ""
    ) -> Invoke:
        integration = route.integration
        assert integration is not None, "whoever invokes has looked"
        assert integration.function_arn is not None, "whoever invokes has looked"
        deadline_ms = now_ms + integration.timeout_ms
        self._pending[token] = _Pending(purpose, route.route_key, deadline_ms, route.returns_response)
        return Invoke(
            token=token, purpose=purpose, function_arn=integration.function_arn, route_key=route.route_key,
            payload=_encode(event).encode(), deadline_ms=deadline_ms, body=body,
        )  # fmt: skip

    def _method_arn(self) -> str:
        one = self.identity
        return f"arn:aws:execute-api:{one.region}:{one.account_id}:{one.api_id}/{one.stage}/$connect"
