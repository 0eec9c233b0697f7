"""The sandbox's own routes on the edge (`/_sandbox/…`): what its commands ask of a running world."""

import json
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from fake_transcribe.errors import FakeTranscribeError
from sandbox.edge.http import HttpRequest, HttpResponse
from sandbox.live.faults import FaultOrders
from sandbox.user_pool.claims import DEFAULT_LIFETIME_S, AttributeNameError, TokenKind, User

LONGEST_WAIT_MS = 25_000
"""Less than the sandbox's own commands wait for an answer."""


class BadRequestError(ValueError):
    """The request's body is not what the route takes."""


class World(Protocol):
    """What the routes need of a running world."""

    def status(self) -> dict[str, Any]: ...
    def token(self, user: User, *, kind: TokenKind, expires_in_s: int) -> str: ...
    def begin_run(self) -> dict[str, Any]: ...
    def record(self, events: list[dict[str, Any]]) -> None: ...
    async def awaited(self, wanted: dict[str, Any], *, count: int, within_s: float) -> list[dict[str, Any]]: ...
    def clock_ms(self) -> int: ...
    async def advance_clock(self, by_ms: int) -> int: ...
    def add_recordings(self, folder: str) -> list[str]: ...
    def alarms(self) -> list[dict[str, Any]]: ...
    def inbox(self) -> list[dict[str, Any]]: ...
    def logs(self, function: str | None) -> list[dict[str, Any]]: ...


Answer = Callable[[dict[str, Any]], Any]


class Admin:
    """Dispatches `/_sandbox/NAME`; bodies and answers are JSON."""

    def __init__(self, world: World, orders: FaultOrders) -> None:
        self._world = world
        self._orders = orders
        self._routes: dict[tuple[str, str], Answer] = {
            ("GET", "status"): lambda _: world.status(),
            ("POST", "token"): self._token,
            ("POST", "runs"): lambda _: world.begin_run(),
            ("POST", "events"): self._events,
            ("POST", "awaited"): self._awaited,
            ("GET", "clock"): lambda _: {"nowMs": world.clock_ms()},
            ("POST", "clock"): self._clock,
            ("POST", "recordings"): lambda body: {"names": world.add_recordings(str(body.get("folder", "")))},
            ("GET", "alarms"): lambda _: world.alarms(),
            ("GET", "inbox"): lambda _: world.inbox(),
            ("POST", "logs"): lambda body: world.logs(body.get("function")),
            ("POST", "faults"): self._faults,
            ("POST", "slowness"): self._slowness,
        }

    @property
    def handle(self) -> Callable[[HttpRequest], Awaitable[HttpResponse]]:
        return self._handle

    async def _handle(self, request: HttpRequest) -> HttpResponse:
        name = request.path.removeprefix("/_sandbox/").strip("/")
        route = self._routes.get((request.method, name))
        if route is None:
            known = ", ".join(sorted({name for _, name in self._routes}))
            return _answer(404, {"message": f"expected one of {known}, got {request.method} {name}"})
        if request.header("Origin") is not None:
            return _answer(403, {"message": "expected a command of the sandbox, got a web page's request"})
        try:
            body = json.loads(request.body) if request.body else {}
            answer = route(body)
            return _answer(200, await answer if isinstance(answer, Awaitable) else answer)
        except (BadRequestError, AttributeNameError, FakeTranscribeError, LookupError) as error:
            return _answer(400, {"message": str(error).strip('"')})
        except ValueError as error:
            return _answer(400, {"message": f"expected a JSON object, got {error}"})

    def _token(self, body: dict[str, Any]) -> dict[str, str]:
        kind, user = body.get("kind", "id"), body.get("user")
        groups, attributes = body.get("groups", []), body.get("attributes", {})
        if (
            kind not in ("id", "access")
            or not (isinstance(user, str) and user)
            or not (isinstance(groups, list) and all(isinstance(one, str) for one in groups))
            or not (isinstance(attributes, dict) and all(isinstance(one, str) for one in attributes.values()))
        ):
            raise BadRequestError(
                'expected {"user": NAME, "kind": "id" or "access", "groups": [NAME, …], '
                '"attributes": {NAME: TEXT, …}}, got something else'
            )
        lifetime_s = int(body.get("expiresInS", DEFAULT_LIFETIME_S))
        whose = User(name=user, groups=tuple(groups), attributes=attributes)
        return {"token": self._world.token(whose, kind=kind, expires_in_s=lifetime_s)}

    async def _faults(self, body: dict[str, Any]) -> dict[str, Any]:
        if body == {"clear": True}:
            await self._orders.clear()
            return {}
        service, code, for_ms = body.get("service"), body.get("code"), body.get("forMs")
        times = body.get("times", 1 if for_ms is None else None)
        operation = body.get("operation", "")
        counted = all(one is None or (type(one) is int and one > 0) for one in (times, for_ms))
        if not (isinstance(service, str) and isinstance(code, str) and isinstance(operation, str) and counted):
            raise BadRequestError(
                'expected {"service": NAME, "code": ERROR, "times": 1 or more, "forMs": 1 or more, "operation": NAME}, '
                "the last three as wanted, got something else"
            )
        await self._orders.order(service, code, times=times, for_ms=for_ms, operation=operation)
        return {"times": times, "forMs": for_ms}

    def _slowness(self, body: dict[str, Any]) -> dict[str, int]:
        if not body:
            self._orders.hurry()
            return {"times": 0}
        operation, delay_ms, times = body.get("operation"), body.get("delayMs"), body.get("times", 1)
        match operation, delay_ms, times:
            case str(), int(), int() if operation and delay_ms > 0 and times > 0:
                self._orders.slow_down(operation, delay_ms=delay_ms, times=times)
            case _:
                raise BadRequestError(
                    'expected {"operation": PART OF A PATH OR TARGET, "delayMs": 1 or more, "times": 1 or more}, or {}'
                )
        return {"times": times}

    def _events(self, body: dict[str, Any]) -> dict[str, int]:
        events = body.get("events")
        if not isinstance(events, list) or not all(isinstance(one, dict) and "kind" in one for one in events):
            raise BadRequestError('expected {"events": [{"kind", "atMs", …}]}, got something else')
        self._world.record(events)
        return {"recorded": len(events)}

    async def _awaited(self, body: dict[str, Any]) -> dict[str, Any]:
        event, count, within_ms = body.get("event"), body.get("count", 1), body.get("withinMs", LONGEST_WAIT_MS)
        counted = all(type(one) is int and one > 0 for one in (count, within_ms))
        if not isinstance(event, dict) or "kind" not in event or not counted or within_ms > LONGEST_WAIT_MS:
            raise BadRequestError(
                f'expected {{"event": {{"kind", …}}, "count": 1 or more, "withinMs": 1 to {LONGEST_WAIT_MS}}}, '
                "got something else"
            )
        return {"events": await self._world.awaited(event, count=count, within_s=within_ms / 1000)}

    async def _clock(self, body: dict[str, Any]) -> dict[str, int]:
        by_ms = body.get("advanceMs")
        if not isinstance(by_ms, int) or by_ms < 0:
            raise BadRequestError(f'expected {{"advanceMs": 0 or more}}, got {by_ms!r}: the clock only moves forward')
        return {"nowMs": await self._world.advance_clock(by_ms)}


def _answer(status: int, body: Any) -> HttpResponse:
    content = json.dumps(body, ensure_ascii=False).encode()
    return HttpResponse(status=status, headers=(("Content-Type", "application/json"),), body=content)
