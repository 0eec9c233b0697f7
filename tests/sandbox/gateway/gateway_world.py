"""What the gateway's tests share: a stage with routes, a connection on it, and frames of a client."""

import itertools

from websockets.frames import Frame, Opcode

from sandbox.definitions.model import Authorizer, Integration, Route, Stage
from sandbox.functions.invocation import Outcome
from sandbox.gateway import ids
from sandbox.gateway.connection import Connection
from sandbox.gateway.effects import Closed, Invoke, Purpose, Respond, Send
from sandbox.gateway.events import Identity
from sandbox.gateway.lifecycle import State

ARN = "arn:aws:lambda:us-east-1:123456789012:function:"
METHOD = "arn:aws:execute-api:us-east-1:123456789012:abcde12345/prod/$connect"
OK = Outcome(status=200, payload=b'{"statusCode":200}')
ALLOW = Outcome(
    status=200,
    payload=(
        '{"principalId":"ada","context":{"role":"speaker","age":7,"admin":true},"policyDocument":{"Statement":'
        f'[{{"Effect":"Allow","Action":"execute-api:Invoke","Resource":"{METHOD}"}}]}}}}'
    ).encode(),
)


def integration(name: str, timeout_ms: int = 29_000) -> Integration:
    return Integration(
        integration_id=name, integration_type="AWS_PROXY", function_arn=ARN + name, timeout_ms=timeout_ms
    )


def stage(*keys: str, authorizer: bool = False, identity_sources=(), returns_response: bool = False) -> Stage:
    """A stage with these routes, each with a function of its key's name."""
    routes = {}
    for key in keys:
        guarded = authorizer and key == "$connect"
        routes[key] = Route(
            route_key=key,
            authorization_type="CUSTOM" if guarded else "NONE",
            authorizer=Authorizer(
                authorizer_id="auth", function_arn=ARN + "authorizer", identity_sources=identity_sources
            )
            if guarded
            else None,
            integration=integration(key.strip("$")),
            returns_response=returns_response and not key.startswith("$"),
        )
    return Stage(name="prod", deployment_id="d", routes=routes)


def draw_ids():
    numbers = itertools.count(1)
    return lambda: ids.from_bytes(next(numbers).to_bytes(ids.ID_BYTES, "big"))


def connection(
    on: Stage,
    *,
    query: str = "",
    headers=(("Host", "localhost"), ("User-Agent", "test")),
    admit=lambda route, now: True,
) -> Connection:
    draw = draw_ids()
    identity = Identity(
        connection_id=draw(), api_id="abcde12345", stage="prod",
        domain_name="abcde12345.execute-api.us-east-1.amazonaws.com", region="us-east-1",
        account_id="123456789012", connected_ms=1000, source_ip="127.0.0.9", user_agent="test",
    )  # fmt: skip
    return Connection(
        identity=identity, stage=on, headers=headers, query=query, accept="accept", draw_id=draw, admit=admit,
    )  # fmt: skip


def opened(on: Stage, **given) -> Connection:
    """A connection after its handshake."""
    made = connection(on, **given)
    effects = made.begin(1000)
    while made.state is not State.OPEN:
        (invoke,) = invokes(effects)
        effects = made.outcome(invoke.token, ALLOW if invoke.purpose is Purpose.AUTHORIZE else OK, 1000)
    return made


def frame(data: bytes | str, *, opcode: Opcode = Opcode.TEXT, fin: bool = True) -> bytes:
    """A client's frame: masked, as RFC 6455 wants."""
    payload = data.encode() if isinstance(data, str) else data
    return Frame(opcode, payload, fin).serialize(mask=True)


def close_frame(code: int | None = None, reason: str = "") -> bytes:
    payload = b"" if code is None else code.to_bytes(2, "big") + reason.encode()
    return frame(payload, opcode=Opcode.CLOSE)


def invokes(effects) -> list[Invoke]:
    return [effect for effect in effects if isinstance(effect, Invoke)]


def closed(effects) -> Closed:
    return next(effect for effect in effects if isinstance(effect, Closed))


def responded(effects) -> Respond:
    return next(effect for effect in effects if isinstance(effect, Respond))


def sent_text(effects) -> str:
    """The text of the one unmasked frame that was sent."""
    data = b"".join(effect.data for effect in effects if isinstance(effect, Send))
    length, start = data[1], 2
    if length == 126:
        length, start = int.from_bytes(data[2:4], "big"), 4
    return data[start : start + length].decode()
