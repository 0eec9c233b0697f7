"""The one port, with real sockets: HTTP, upgrades, callbacks, and the proxy that answers for AWS."""

import asyncio
import contextlib
import dataclasses
import json
import random
import ssl
from dataclasses import replace
from functools import partial

import pytest
import urllib3
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from sandbox.clock import LiveClock
from sandbox.definitions.model import Definitions, Function, Permission, Role, WebSocketApi
from sandbox.edge.certificates import CertificateAuthority
from sandbox.edge.errors import PortInUseError
from sandbox.edge.http import HttpResponse
from sandbox.edge.server import Edge
from sandbox.edge.signature import refusal
from sandbox.functions import credentials
from sandbox.functions.invocation import Outcome
from sandbox.gateway.quotas import AWS_QUOTAS, Quotas
from sandbox.gateway.service import Gateway
from sandbox.journal import Journal
from sandbox.permissions.guard import Guard
from sandbox.standins.failing import FailingServices
from tests.sandbox.gateway.gateway_world import ARN, stage

API = "abcde12345"
HOST = f"{API}.execute-api.us-east-1.amazonaws.com"
SIGNED = {
    "Authorization": "AWS4-HMAC-SHA256 Credential=K/20261123/us-east-1/execute-api/aws4_request, SignedHeaders=host, "
    "Signature=0"
}


FUNCTION = Function(
    name="say", arn=f"{ARN}say", runtime="python3.11", handler="h.h", role_arn="r", timeout_s=3, memory_mb=128,
    path="/", code_sha256="",
)  # fmt: skip


class Lab:
    """An edge with a gateway, fake functions and a fake control plane."""

    def __init__(self, tmp_path, quotas: Quotas = AWS_QUOTAS) -> None:
        self.clock = LiveClock()
        self.journal = Journal(self.clock)
        self.noted: list = []
        self.journal.subscribe(self.noted.append)
        self.invoked: list = []
        self.answers: dict[str, Outcome] = {}
        self.held = asyncio.Event()
        self.denied: list = []
        self.guard = Guard("enforce", note=self.denied.append)
        self.authority = CertificateAuthority(tmp_path / "tls")
        self.authority.prepare()
        self.gateway = Gateway(
            clock=self.clock, journal=self.journal, invoke=self.invoke, region="us-east-1",
            account_id="123456789012", chance=random.Random(1), quotas=quotas,
            check_signature=partial(
                refusal, service="execute-api", region="us-east-1", secrets=credentials.known_secret
            ),
        )  # fmt: skip
        permission = Permission(sid="s", principal="apigateway.amazonaws.com", action="lambda:InvokeFunction")
        names = ("connect", "disconnect", "default", "say", "slow")
        functions = {
            name: Function(
                name=name, arn=ARN + name, runtime="python3.11", handler="h.h", role_arn="r", timeout_s=3,
                memory_mb=128, path="/", code_sha256="", permissions=(permission,),
            )
            for name in names
        }  # fmt: skip
        on = stage("$connect", "$disconnect", "$default", "say", "slow", returns_response=True)
        api = WebSocketApi(api_id=API, name="a", stages={"prod": on})
        self.definitions = Definitions(
            revision=1, account_id="123456789012", region="us-east-1", apis={API: api}, functions=functions
        )
        self.gateway.apply(self.definitions)

    async def invoke(self, invocation):
        name = invocation.function.rpartition(":")[2]
        self.invoked.append((name, json.loads(invocation.payload)))
        if name == "slow":
            await self.held.wait()
        return self.answers.get(name, Outcome(status=200, payload=b'{"statusCode":200}'))

    @contextlib.asynccontextmanager
    async def running(self, port: int = 0):
        upstream = await asyncio.start_server(self.control_plane, "127.0.0.1", 0)
        url = f"http://localhost:{upstream.sockets[0].getsockname()[1]}"

        async def says(request):
            return HttpResponse(status=200, body=f"{request.method} {request.host}{request.path}".encode())

        edge = self.edge = Edge(
            on_answered=lambda request, response: None, guard=self.guard,
            failing=FailingServices(self.clock.now_ms),
            port=port, gateway=self.gateway, functions=says, user_pool=says, admin=says, standins={"translate": says},
            tunnels={}, control_plane_url=url, certificates=self.authority, journal=self.journal,
        )  # fmt: skip
        try:
            yield await edge.start()
        finally:
            self.held.set()
            await edge.stop()
            await self.gateway.stop()
            upstream.close()

    @staticmethod
    async def control_plane(reader, writer):
        while True:
            try:
                head = await reader.readuntil(b"\r\n\r\n")
            except (asyncio.IncompleteReadError, asyncio.CancelledError):
                writer.close()
                return
            body = f"control plane: {head.split()[0].decode()} {head.split()[1].decode()}".encode()
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))
            await writer.drain()


def run(tmp_path, act, quotas=AWS_QUOTAS):
    async def main():
        lab = Lab(tmp_path, quotas)
        async with lab.running() as port:
            return await act(lab, port)

    return asyncio.run(main())


def client(port: int):
    return connect(f"ws://127.0.0.1:{port}/prod", proxy=None, compression=None)


async def http(method: str, url: str, **options):
    def request():
        with urllib3.PoolManager() as pool:
            answer = pool.request(method, url, retries=False, **options)
            return answer.status, answer.data.decode(), dict(answer.headers)

    return await asyncio.to_thread(request)


def callback(port: int, connection_id: str) -> str:
    return f"http://127.0.0.1:{port}/_aws/execute-api/{API}/prod/@connections/{connection_id.replace('=', '%3D')}"


def test_a_message_reaches_its_function_and_the_answer_comes_back(tmp_path):
    """From the handshake to the route response."""

    async def act(lab, port):
        lab.answers["say"] = Outcome(status=200, payload=b'{"statusCode":200,"body":"pong"}')
        async with client(port) as socket_:
            await socket_.send('{"action":"say"}')
            answer = await socket_.recv()
        return answer, [name for name, _ in lab.invoked]

    answer, invoked = run(tmp_path, act)
    assert answer == "pong"
    assert invoked[:2] == ["connect", "say"]


def test_a_slow_message_does_not_hold_up_the_next(tmp_path):
    """WS-46."""

    async def act(lab, port):
        lab.answers["say"] = Outcome(status=200, payload=b'{"statusCode":200,"body":"quick"}')
        async with client(port) as socket_:
            await socket_.send('{"action":"slow"}')
            await socket_.send('{"action":"say"}')
            return await socket_.recv()

    assert run(tmp_path, act) == "quick"


def test_a_refused_handshake_carries_the_handlers_status(tmp_path):
    """WS-23."""

    async def act(lab, port):
        lab.answers["connect"] = Outcome(status=200, payload=b'{"statusCode":404}')
        with pytest.raises(InvalidStatus) as refused:
            await client(port)
        return refused.value.response.status_code

    assert run(tmp_path, act) == 404


def test_callbacks_post_describe_and_delete(tmp_path):
    """WS-47, WS-53, WS-54, WS-09; what is closed is gone (WS-11, WS-48)."""

    async def act(lab, port):
        async with client(port) as socket_:
            url = callback(port, lab.invoked[0][1]["requestContext"]["connectionId"])
            posted = await http("POST", url, body=b'{"type":"hello"}', headers=SIGNED)
            received = await socket_.recv()
            described = await http("GET", url, headers=SIGNED)
            deleted = await http("DELETE", url, headers=SIGNED)
            with pytest.raises(ConnectionClosed) as ended:
                await socket_.recv()
            gone = await http("POST", url, body=b"x", headers=SIGNED)
        return posted[:2], received, json.loads(described[1]), deleted[0], ended.value.rcvd, gone

    posted, received, described, deleted, ended, gone = run(tmp_path, act)
    assert posted == (200, "")
    assert received == '{"type":"hello"}'
    assert list(described) == ["connectedAt", "identity", "lastActiveAt"]
    assert (deleted, ended.code, ended.reason) == (204, 1000, "Connection Closed Normally")
    assert (gone[0], gone[1], gone[2]["x-amzn-ErrorType"]) == (410, "", "GoneException")


@pytest.mark.parametrize(
    ("connection_id", "size", "headers", "status", "error"),
    [
        ("VNRUSeldSwMCIRQ=", 1, SIGNED, 410, "GoneException"),
        ("nonsense", 1, SIGNED, 400, "BadRequestException"),
        ("VNRUSeldSwMCIRQ=", 1, {}, 403, "MissingAuthenticationTokenException"),
    ],
)
def test_callbacks_to_nobody_are_refused(tmp_path, connection_id, size, headers, status, error):
    """WS-48, WS-49, WS-51."""

    async def act(lab, port):
        return await http("POST", callback(port, connection_id), body=b"x" * size, headers=headers)

    answer = run(tmp_path, act)
    assert (answer[0], answer[2]["x-amzn-ErrorType"]) == (status, error)


def test_a_callback_that_the_functions_role_does_not_allow_is_403(tmp_path):
    """WS-51: as recorded; the connection need not exist."""
    role = Role(name="r", arn="arn:aws:iam::123456789012:role/r")
    function = dataclasses.replace(FUNCTION, role_arn=role.arn)
    key = credentials.of_role(function)[0]

    async def act(lab, port):
        lab.guard.apply(
            Definitions(
                revision=1,
                account_id="123456789012",
                region="us-east-1",
                functions={function.name: function},
                roles={role.arn: role},
            )
        )
        signed = {"Authorization": SIGNED["Authorization"].replace("Credential=K", f"Credential={key}")}
        return await http("POST", callback(port, "RYG0LEicPHcFo_A="), body=b"x", headers=signed), lab.denied

    (status, body, headers), denied = run(tmp_path, act)
    assert (status, headers["x-amzn-ErrorType"]) == (403, "AccessDeniedException")
    assert json.loads(body)["message"] == (
        "User: arn:aws:sts::123456789012:assumed-role/r/say is not authorized to perform: "
        f"execute-api:ManageConnections on resource: arn:aws:execute-api:us-east-1:********9012:{API}/prod/POST/"
        "@connections/{connectionId} because no identity-based policy allows the execute-api:ManageConnections action"
    )
    assert [one["action"] for one in denied] == ["execute-api:ManageConnections"]


@pytest.mark.parametrize(("size", "status"), [(131_072, 200), (131_073, 413)])
def test_a_callback_of_128_kb_is_sent_and_one_byte_more_is_413(tmp_path, size, status):
    """WS-50."""

    async def act(lab, port):
        async with connect(f"ws://127.0.0.1:{port}/prod", proxy=None, compression=None):
            url = callback(port, lab.invoked[0][1]["requestContext"]["connectionId"])
            return (await http("POST", url, body=b"x" * size, headers=SIGNED))[0]

    assert run(tmp_path, act) == status


def test_the_idle_timeout_follows_the_sandboxs_clock(tmp_path):
    """WS-40: `sandbox clock advance 10m` ends an idle connection."""

    async def act(lab, port):
        async with client(port) as socket_:
            lab.clock.advance(600_000)
            with pytest.raises(ConnectionClosed) as ended:
                await socket_.recv()
        return ended.value.rcvd

    ended = run(tmp_path, act)
    assert (ended.code, ended.reason) == (1001, "Going away")


def test_the_journal_says_why_a_client_was_refused_or_told_of_a_failure(tmp_path):
    """WS-58: the client gets a status or a frame, and the reason is on record with whose failure it is."""

    async def act(lab, port):
        lab.answers["connect"] = Outcome(status=200, payload=b'{"statusCode":404}')
        with pytest.raises(InvalidStatus):
            await client(port)
        lab.answers["connect"] = Outcome(status=200, payload=b'{"statusCode":200}')
        async with client(port) as socket_:
            for answer in (
                Outcome(status=429, error_type="TooManyRequestsException"),
                Outcome(status=200, payload=b"{}", function_error="Unhandled"),
            ):
                lab.answers["say"] = answer
                await socket_.send('{"action":"say"}')
                await socket_.recv()
        shown = ("kind", "routeKey", "fault", "reason")
        return [{name: one[name] for name in shown if name in one} for one in lab.noted if "fault" in one]

    refused = {"kind": "gateway.connect", "routeKey": "$connect", "fault": "IntegrationError"}
    assert run(tmp_path, act) == [
        {**refused, "reason": "the function of $connect returned 404"},
        {"kind": "gateway.error", "routeKey": "say", "fault": "ExecutionError", "reason": "TooManyRequestsException"},
        {"kind": "gateway.error", "routeKey": "say", "fault": "IntegrationError", "reason": "the function failed"},
    ]


def test_the_journal_says_how_long_each_integration_took(tmp_path):
    """WS-58: in milliseconds of the sandbox's clock, with the route's key."""

    async def act(lab, port):
        lab.answers["say"] = Outcome(status=200, payload=b'{"statusCode":200,"body":"pong"}')
        async with client(port) as socket_:
            await socket_.send('{"action":"say"}')
            await socket_.recv()
        return [one for one in lab.noted if one["kind"] == "gateway.integration"]

    noted = run(tmp_path, act)
    assert [one["routeKey"] for one in noted][:2] == ["$connect", "say"]
    assert all(isinstance(one["latencyMs"], int) and one["latencyMs"] >= 0 for one in noted)


def test_an_integration_names_its_message_and_the_functions_invocation(tmp_path):
    """As `requestId` and `integration.requestId` of an access log: a message is followed into its handler's log."""

    async def act(lab, port):
        lab.answers["say"] = Outcome(status=200, payload=b'{"statusCode":200,"body":"pong"}', request_id="of-lambda")
        async with client(port) as socket_:
            await socket_.send('{"action":"say"}')
            await socket_.recv()
        return [one for one in lab.noted if one.get("routeKey") == "say"]

    message, integration = run(tmp_path, act)
    assert (message["kind"], integration["kind"]) == ("gateway.frame_in", "gateway.integration")
    assert integration["requestId"] == message["requestId"]
    assert integration["integrationRequestId"] == "of-lambda"


def test_a_callback_to_a_connection_that_is_not_open_yet_is_410(tmp_path):
    """WS-55: `$connect`'s own function cannot answer over the connection that it decides on."""

    async def act(lab, port):
        answers = []
        invoke = lab.invoke

        async def posting(invocation):
            event = json.loads(invocation.payload)
            if invocation.function.endswith(":connect"):
                url = callback(port, event["requestContext"]["connectionId"])
                answers.append((await http("POST", url, body=b"hello", headers=SIGNED))[0])
            return await invoke(invocation)

        lab.gateway._invoke = posting
        async with client(port):
            return answers

    assert run(tmp_path, act) == [410]


def test_a_stage_without_a_deployment_and_one_that_goes(tmp_path):
    """WS-19: the first answers 403; the second ends its connections."""

    async def act(lab, port):
        api = lab.definitions.apis[API]
        async with client(port) as socket_:
            bare = replace(api, stages={"prod": replace(api.stages["prod"], deployment_id="")})
            lab.gateway.apply(replace(lab.definitions, apis={API: bare}))
            with pytest.raises(ConnectionClosed) as ended:
                await socket_.recv()
            with pytest.raises(InvalidStatus) as refused:
                await client(port)
        return ended.value.rcvd.code, refused.value.response.status_code

    assert run(tmp_path, act) == (1001, 403)


def test_connections_may_be_authorized_by_iam(tmp_path):
    """WS-27: a handshake without a signature is 403, one with a developer's own is taken."""

    async def act(lab, port):
        api = lab.definitions.apis[API]
        prod = api.stages["prod"]
        routes = {**prod.routes, "$connect": replace(prod.routes["$connect"], authorization_type="AWS_IAM")}
        signed = replace(api, stages={"prod": replace(prod, routes=routes)})
        lab.gateway.apply(replace(lab.definitions, apis={API: signed}))
        with pytest.raises(InvalidStatus) as refused:
            await client(port)
        async with connect(f"ws://127.0.0.1:{port}/prod", proxy=None, additional_headers=SIGNED):
            return refused.value.response.status_code, json.loads(refused.value.response.body)

    assert run(tmp_path, act) == (403, {"message": "Missing Authentication Token"})


def test_the_offer_to_compress_is_shown_and_not_accepted(tmp_path):
    """WS-43."""

    async def act(lab, port):
        async with connect(f"ws://127.0.0.1:{port}/prod", proxy=None) as socket_:
            return lab.invoked[0][1]["headers"]["Sec-WebSocket-Extensions"], socket_.protocol.extensions

    offered, accepted = run(tmp_path, act)
    assert offered.startswith("permessage-deflate")
    assert accepted == []


def test_a_plain_request_to_a_websocket_path_is_426(tmp_path):
    """WS-57."""

    async def act(lab, port):
        paths = (f"/_aws/execute-api/{API}/prod", "/prod", "/other")
        return [(await http("GET", f"http://127.0.0.1:{port}{path}"))[0] for path in paths]

    assert run(tmp_path, act) == [426, 426, 200]


def test_what_no_route_wants_goes_to_the_control_plane(tmp_path):
    """Over connections that are kept alive."""

    async def act(lab, port):
        return [(await http("POST", f"http://127.0.0.1:{port}/some/path?x=1", body=b""))[1] for _ in range(3)]

    assert run(tmp_path, act) == ["control plane: POST /some/path?x=1"] * 3


def test_the_proxy_answers_for_awss_names_with_our_certificate(tmp_path):
    """A function that calls `https://{api}.execute-api…` and Cognito's key set reaches this machine."""

    async def act(lab, port):
        context = ssl.create_default_context(cafile=str(lab.authority.path))

        def request(url):
            with urllib3.ProxyManager(f"http://127.0.0.1:{port}", ssl_context=context) as pool:
                answer = pool.request("GET", url, retries=False, headers=SIGNED)
                return answer.status, answer.data.decode()

        keys = await asyncio.to_thread(
            request, "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_X/.well-known/jwks.json"
        )
        gone = await asyncio.to_thread(request, f"https://{HOST}/prod/@connections/VNRUSeldSwMCIRQ%3D")
        return keys, gone

    keys, gone = run(tmp_path, act)
    assert keys == (200, "GET cognito-idp.us-east-1.amazonaws.com/us-east-1_X/.well-known/jwks.json")
    assert gone == (410, "")


def test_the_proxy_refuses_every_other_name(tmp_path):
    """Nothing leaves the machine, and the journal says who tried."""

    async def act(lab, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n")
        status = await reader.readline()
        writer.close()
        await writer.wait_closed()
        return status, [event["host"] for event in lab.noted if event["kind"] == "proxy.refused"]

    status, refused = run(tmp_path, act)
    assert b"403" in status
    assert refused == ["example.com"]


def test_a_busy_port_is_one_clear_line(tmp_path):
    """Which port, and the next step."""

    async def act(lab, port):
        other = Lab(tmp_path)
        with pytest.raises(PortInUseError) as error:
            async with other.running(port):
                pass
        return str(error.value), port

    text, port = run(tmp_path, act)
    assert text == f"expected port {port} to be free, another process has it: give another --port, or 0 for a free one"


def test_bytes_that_are_no_http_are_answered_and_the_edge_stays_up(tmp_path):
    """A broken request is a 400."""

    async def act(lab, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"\x00\x01\x02 nonsense\r\n\r\n")
        answer = await reader.read()
        writer.close()
        await writer.wait_closed()
        return answer, (await http("GET", f"http://127.0.0.1:{port}/x"))[0]

    answer, after = run(tmp_path, act)
    assert answer.startswith(b"HTTP/1.1 400")
    assert after == 200


def test_a_client_is_seen_under_its_own_loopback_address(tmp_path):
    """Per-address limits need it."""

    async def act(lab, port):
        async with connect(f"ws://127.0.0.1:{port}/prod", proxy=None, compression=None, local_addr=("127.0.7.7", 0)):
            return lab.invoked[0][1]["requestContext"]["identity"]["sourceIp"]

    assert run(tmp_path, act) == "127.0.7.7"
