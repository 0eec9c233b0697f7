"""Clients that break the rules, on real sockets: each meets what AWS would do, and the next is served as ever."""

import asyncio
import contextlib
import json
import socket
import struct
from pathlib import Path

import pytest
from websockets.frames import Opcode

from sandbox.edge.http1 import CALLBACK_BYTES
from sandbox.functions.invocation import Outcome
from sandbox.gateway import limits
from sandbox.gateway.quotas import Quotas
from tests.sandbox.edge.test_edge_server import SIGNED, callback, client, http, run
from tests.sandbox.gateway.gateway_world import close_frame, frame

FRAMES = json.loads((Path(__file__).parents[1] / "gateway" / "frames.json").read_text())
KEY = "dGhlIHNhbXBsZSBub25jZQ=="
HEADERS = {
    "Host": "localhost", "Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Key": KEY,
    "Sec-WebSocket-Version": "13",
}  # fmt: skip
TURNS = 2_000_000
FLOOD_BYTES = 1 << 30
UNTAKEN_BYTES = 8 << 20
PONG = Outcome(status=200, payload=json.dumps({"statusCode": 200, "body": "x" * 100_000}).encode())


def head(*, method="GET", target="/prod", version="HTTP/1.1", **changes) -> bytes:
    headers = {**HEADERS, **{name.replace("_", "-"): value for name, value in changes.items()}}
    lines = [f"{name}: {value}" for name, value in headers.items() if value is not None]
    return "\r\n".join([f"{method} {target} {version}", *lines, "", ""]).encode()


@contextlib.asynccontextmanager
async def raw(port: int, *, receive_buffer: int | None = None):
    """A socket of a client's; closed in the end, however it is left."""
    made = socket.socket()
    if receive_buffer is not None:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    made.setblocking(False)
    await asyncio.get_running_loop().sock_connect(made, ("127.0.0.1", port))
    reader, writer = await asyncio.open_connection(sock=made, limit=1024)
    try:
        yield reader, writer
    finally:
        writer.transport.abort()


@contextlib.asynccontextmanager
async def upgraded(port: int, **given):
    async with raw(port, **given) as (reader, writer):
        writer.write(head())
        await reader.readuntil(b"\r\n\r\n")
        yield reader, writer


async def until(condition) -> None:
    """Let the loop turn until something is so."""
    for _ in range(TURNS):
        if condition():
            return
        await asyncio.sleep(0)
    pytest.fail("it never came to be")


async def pressed(writer, data: bytes) -> int:
    """Send the same again and again, until nobody takes it any more; how many bytes were taken."""
    sent = 0
    while sent < FLOOD_BYTES and not writer.is_closing() and writer.transport.get_write_buffer_size() < UNTAKEN_BYTES:
        writer.write(data)
        sent += len(data)
        for _ in range(20):
            await asyncio.sleep(0)
    return sent - int(writer.transport.get_write_buffer_size())


async def close_code(reader) -> int:
    """The code of the close frame that comes next, after which the gateway ends the stream."""
    first = await reader.readexactly(2)
    assert first[0] == 0x88
    payload = await reader.readexactly(first[1])
    assert await reader.read() == b""
    return int.from_bytes(payload[:2], "big")


async def is_served(lab, port) -> bool:
    """A client that keeps the rules gets its answer."""
    lab.answers["say"] = Outcome(status=200, payload=b'{"statusCode":200,"body":"pong"}')
    async with client(port) as well:
        await well.send('{"action":"say"}')
        return bool(await well.recv() == "pong")


def disconnects(lab) -> list[tuple[int, str]]:
    contexts = [event["requestContext"] for name, event in lab.invoked if name == "disconnect"]
    return [(one["disconnectStatusCode"], one["disconnectReason"]) for one in contexts]


BROKEN = [entry for entry in FRAMES if any("broken" in one for one in entry["received"])]


@pytest.mark.parametrize("entry", BROKEN, ids=[entry["fact"] for entry in BROKEN])
def test_frames_that_break_the_rules_close_with_their_code(tmp_path, entry):
    """WS-37, WS-39 and RFC 6455: the stream ends, `$disconnect` is told, and the next client is served."""

    async def act(lab, port):
        async with upgraded(port) as (reader, writer):
            writer.write(bytes.fromhex(entry["hex"]))
            if entry["received"][0]["broken"] in (1003, 1007):
                # The frames go on being frames: the gateway waits for the answer to its close frame.
                code = int.from_bytes((await reader.readexactly(4))[2:], "big")
                writer.write(close_frame(code))
                assert await reader.read() == b""
            else:
                code = await close_code(reader)
        served = await is_served(lab, port)
        await until(lambda: len(disconnects(lab)) >= 1)
        return code, disconnects(lab)[0], served

    code, told, served = run(tmp_path, act)
    assert code == entry["received"][0]["broken"]
    assert told == (code, "")
    assert served


@pytest.mark.parametrize(("frames", "code"), [(4, None), (5, 1009)])
def test_a_message_of_four_full_frames_is_taken_and_one_of_five_closes_with_1009(tmp_path, frames, code):
    """WS-38."""

    async def act(lab, port):
        async with upgraded(port) as (reader, writer):
            for number in range(frames):
                opcode = Opcode.TEXT if number == 0 else Opcode.CONT
                writer.write(frame(b"x" * limits.FRAME_BYTES, opcode=opcode, fin=number == frames - 1))
            if code is None:
                await until(lambda: any(name == "default" for name, _ in lab.invoked))
                return None
            return await close_code(reader)

    assert run(tmp_path, act) == code


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({}, 101), ({"Connection": "keep-alive, Upgrade"}, 101), ({"Upgrade": "WebSocket"}, 101),
        ({"Sec_WebSocket_Key": None}, 400), ({"Sec_WebSocket_Key": "short"}, 400),
        ({"Sec_WebSocket_Key": "é" * 24}, 400),
        ({"Sec_WebSocket_Key": f"{KEY}\r\nSec-WebSocket-Key: {KEY}"}, 400), ({"Sec_WebSocket_Version": "8"}, 400),
        ({"Sec_WebSocket_Version": None}, 400), ({"Connection": "close"}, 400), ({"Connection": None}, 400),
        ({"method": "POST"}, 400), ({"target": "/test"}, 403), ({"target": "/"}, 403), ({"Host": None}, 400),
        ({"Content_Length": "1000000000000"}, 400), ({"Bad Header": "x"}, 400), ({"X": "a\x00b"}, 400),
        ({"X": "x" * 200_000}, 431), ({"version": "HTTP/3.0"}, 505), ({"target": "/prod?" + "a=%&" * 2000}, 101),
    ],
)  # fmt: skip
def test_a_handshake_is_taken_or_refused_in_one_answer(tmp_path, given, status):
    """WS-23, WS-57 and RFC 6455, section 4.2.1; nobody is asked about one that is none."""

    async def act(lab, port):
        async with raw(port) as (reader, writer):
            writer.write(head(**given))
            if "Content_Length" in given:
                writer.write_eof()
            answer = await reader.readline()
        return int(answer.split()[1]), await is_served(lab, port), [name for name, _ in lab.invoked]

    answered, served, invoked = run(tmp_path, act)
    assert answered == status
    assert served
    assert invoked.count("connect") == (2 if status == 101 else 1)


def test_a_slow_reader_is_kept_no_more_than_a_bound_and_callbacks_are_refused_with_429(tmp_path):
    """WS-52: once it reads again, it is sent to again; others are served all the time."""

    async def act(lab, port):
        async with upgraded(port, receive_buffer=4096) as (reader, _):
            connection_id = lab.invoked[0][1]["requestContext"]["connectionId"]
            url, waiting = callback(port, connection_id), 0
            statuses: list[int] = []
            (live,) = lab.gateway._connections.values()
            while 429 not in statuses and len(statuses) < 400:
                statuses.append((await http("POST", url, body=b"x" * limits.MESSAGE_BYTES, headers=SIGNED))[0])
                waiting = max(waiting, live.waiting_bytes())
            refused = await http("POST", url, body=b"x", headers=SIGNED)
            served = await is_served(lab, port)
            while live.waiting_bytes():
                await reader.read(1 << 20)
            again = await http("POST", url, body=b"x", headers=SIGNED)
            return statuses, waiting, refused, served, again[0]

    statuses, waiting, refused, served, again = run(tmp_path, act)
    assert statuses[-1] == 429
    assert set(statuses[:-1]) == {200}
    assert waiting <= limits.SEND_BUFFER_BYTES + limits.MESSAGE_BYTES + 100
    assert (refused[0], refused[2]["x-amzn-ErrorType"]) == (429, "LimitExceededException")
    assert served
    assert again == 200


def test_a_slow_reader_whose_own_messages_are_answered_is_cut_off(tmp_path):
    """A close frame would never reach it: 1006, and `$disconnect` is told."""

    async def act(lab, port):
        lab.answers["say"] = PONG
        async with upgraded(port, receive_buffer=4096) as (_, writer):
            (live,) = lab.gateway._connections.values()
            with contextlib.suppress(ConnectionError):
                while not disconnects(lab):
                    writer.write(frame('{"action":"say"}'))
                    await asyncio.sleep(0)
            waiting = live.waiting_bytes()
        return disconnects(lab), waiting, lab.gateway.connection_count(), await is_served(lab, port)

    assert run(tmp_path, act) == ([(1006, "")], 0, 0, True)


def test_a_client_that_asks_without_reading_is_not_asked_for_more(tmp_path):
    """Pings are answered only as fast as the answers are taken."""

    async def act(lab, port):
        async with upgraded(port, receive_buffer=4096) as (_, writer):
            (live,) = lab.gateway._connections.values()
            sent = await pressed(writer, frame(b"p" * 125, opcode=Opcode.PING) * 500)
            return sent, live.waiting_bytes(), await is_served(lab, port)

    sent, waiting, served = run(tmp_path, act)
    assert sent < FLOOD_BYTES // 8
    assert waiting < 2 * limits.SEND_BUFFER_BYTES
    assert served


@pytest.mark.parametrize("ending", ["reset", "half closed"])
def test_a_lost_connection_is_told_with_1006(tmp_path, ending):
    """WS-10: by a reset, or by the end of what the client sends."""

    async def act(lab, port):
        async with upgraded(port) as (_, writer):
            if ending == "reset":
                gone = writer.transport.get_extra_info("socket")
                gone.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                writer.transport.abort()
            else:
                writer.write_eof()
            await until(lambda: disconnects(lab))
        return disconnects(lab), lab.gateway.connection_count()

    assert run(tmp_path, act) == ([(1006, "")], 0)


def test_a_client_that_goes_during_the_handshake_leaves_nothing(tmp_path):
    """`$connect` ran, so `$disconnect` is told."""

    async def act(lab, port):
        asked = asyncio.Event()
        answer = lab.invoke

        async def slow(invocation):
            if invocation.function.endswith(":connect"):
                asked.set()
                await lab.held.wait()
            return await answer(invocation)

        lab.gateway._invoke = slow
        async with raw(port) as (_, writer):
            writer.write(head())
            await asked.wait()
        lab.held.set()
        await until(lambda: disconnects(lab) and lab.gateway.connection_count() == 0)
        return disconnects(lab)

    assert run(tmp_path, act) == [(1006, "")]


def test_a_client_that_never_answers_the_close_frame_is_dropped(tmp_path):
    """Half-open sockets do not stay: two seconds on the sandbox's clock."""

    async def act(lab, port):
        async with upgraded(port) as (reader, _):
            lab.clock.advance(limits.IDLE_MS)
            await reader.readexactly(4 + len("Going away"))
            lab.clock.advance(limits.CLOSE_HANDSHAKE_MS)
            return await reader.read()

    assert run(tmp_path, act) == b""


@pytest.mark.parametrize("begun", [b"GET /prod HT", head()[:-2], head(Content_Length="10") + b"half"])
def test_a_request_that_is_never_finished_is_dropped_after_a_minute(tmp_path, begun):
    """And one that is not begun is let be."""

    async def act(lab, port):
        now_s = asyncio.get_running_loop().time()
        async with raw(port) as (reader, writer), raw(port) as (_, idle):
            writer.write(begun)
            await until(lambda: any(one.is_overdue(now_s + 3600) for one in lab.edge._sockets))
            lab.edge.drop_overdue(now_s + 3600)
            with contextlib.suppress(ConnectionError):
                assert await reader.read() == b""
            await until(lambda: len(lab.edge._sockets) == 1)
            idle.write(head())
            return await is_served(lab, port)

    assert run(tmp_path, act)


def test_connections_beyond_the_quota_are_answered_with_429(tmp_path):
    """WS-44: quotas are on, and adjustable."""

    async def act(lab, port):
        statuses = []
        for _ in range(3):
            async with raw(port) as (reader, writer):
                writer.write(head())
                statuses.append((await reader.readline()).split()[1])
        return statuses

    assert run(tmp_path, act, Quotas(connections_per_s=2))[:2] == [b"101", b"101"]
    assert run(tmp_path, act, Quotas(connections_per_s=1))[0] == b"101"
    assert run(tmp_path, act, Quotas(connections_per_s=0)) == [b"429"] * 3


def test_callbacks_beyond_the_quota_are_answered_with_429(tmp_path):
    """WS-45, WS-52: they share the account's bucket with messages."""

    async def act(lab, port):
        async with upgraded(port):
            url = callback(port, lab.invoked[0][1]["requestContext"]["connectionId"])
            return [(await http("GET", url, headers=SIGNED))[0] for _ in range(2)]

    assert run(tmp_path, act, Quotas(requests_per_s=0, request_burst=2)) == [200, 429]


def test_an_enormous_callback_is_refused_unread(tmp_path):
    """WS-50: of a gigabyte, no more is taken than API Gateway's payload quota and what is on its way."""

    async def act(lab, port):
        async with raw(port) as (_, writer):
            path = callback(port, "VNRUSeldSwMCIRQ=").partition(f":{port}")[2]
            writer.write(f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000\r\n\r\n".encode())
            taken = await pressed(writer, b"x" * 1_000_000)
        return taken, await is_served(lab, port)

    taken, served = run(tmp_path, act)
    assert taken < 4 * CALLBACK_BYTES
    assert served
