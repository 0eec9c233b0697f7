"""The bench's client: `python -m sandbox.bench.gateway.client URL WORKLOAD …` prints each one's figures as JSON.

A process of its own, so that neither the emulator nor whoever measures shares its event loop.
"""

import argparse
import asyncio
import base64
import gc
import json
import os
import statistics
import time
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from sandbox.bench.gateway.figures import lateness

UNMEASURED = 5
OPENING = 16
"""Handshakes under way at a time while the clients of a fan-out gather."""
FAN_BYTES = 2048
ANSWER_S, DRAIN_S, HANDSHAKE_S, WORKLOAD_S = 60.0, 90.0, 60.0, 300.0
CHUNK_BYTES = 2400
"""100 ms of 12 kHz 16-bit audio, 3200 characters of base64."""

Figures = dict[str, Any]


def opened(url: str, session: str) -> Any:
    """A connection without what API Gateway has not: compression, pings, limits of the client's own."""
    joined = f"{url}{'&' if '?' in url else '?'}session={session}"
    return connect(
        joined, compression=None, ping_interval=None, proxy=None, open_timeout=HANDSHAKE_S, close_timeout=5,
        max_size=None,
    )  # fmt: skip


async def answer(socket: ClientConnection) -> dict[str, Any]:
    """The next message."""
    async with asyncio.timeout(ANSWER_S):
        message: dict[str, Any] = json.loads(await socket.recv())
        return message


async def first_reply(url: str, action: str) -> None:
    """A connection and one message with its reply."""
    async with opened(url, "first") as socket:
        await socket.send(json.dumps({"action": action, "n": 0}))
        await answer(socket)


async def request_reply(url: str, action: str, count: int) -> Figures:
    """One message after the other on one connection; the first few are not measured."""
    late: list[float] = []
    wrong = 0
    async with opened(url, "rr") as socket:
        for number in range(-UNMEASURED, count):
            began = time.perf_counter()
            await socket.send(json.dumps({"action": action, "n": number}))
            said = await answer(socket)
            if said.get("n") != number:
                wrong += 1
            elif number >= 0:
                late.append(time.perf_counter() - began)
    return {**lateness(late), "errors": wrong}


async def pipelined(url: str, action: str, count: int) -> Figures:
    """Messages as fast as the socket takes them; replies a second, until the last."""
    chunk = base64.b64encode(os.urandom(CHUNK_BYTES)).decode()
    environments: set[str] = set()
    replied: list[float] = []
    errors = 0
    async with opened(url, "pipe") as socket:
        await socket.send(json.dumps({"action": action, "n": -1}))
        await answer(socket)
        began = time.perf_counter()

        async def send() -> None:
            for number in range(count):
                await socket.send(json.dumps({"action": action, "n": number, "chunk": chunk}))

        sending = asyncio.create_task(send())
        try:
            async with asyncio.timeout(DRAIN_S):
                while len(replied) + errors < count:
                    said = json.loads(await socket.recv())
                    if "n" in said and "env" in said:
                        replied.append(time.perf_counter())
                        environments.add(said["env"])
                    else:
                        errors += 1
        except (TimeoutError, WebSocketException):
            errors += count - len(replied) - errors
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
    rate = len(replied) / (replied[-1] - began) if replied else 0.0
    return {"per_s": round(rate, 1), "errors": errors, "environments": len(environments)}


async def gathered(url: str, session: str, count: int, *, at_once: int) -> tuple[list[ClientConnection], int, float]:
    """The connections that opened, how many did not, and the seconds to the last that did."""
    places, last = asyncio.Semaphore(at_once), 0.0
    sockets: list[ClientConnection] = []
    began = time.perf_counter()

    async def one() -> None:
        nonlocal last
        async with places:
            sockets.append(await opened(url, session))
            last = time.perf_counter() - began

    results = await asyncio.gather(*(one() for _ in range(count)), return_exceptions=True)
    return sockets, sum(isinstance(result, Exception) for result in results), last


async def fan_out(url: str, reply: str, count: int) -> Figures:
    """Two rounds to every connection of a session; the last client of the second, whose clients are made."""
    session = uuid.uuid4().hex[:12]
    sockets, failed, opening_s = await gathered(url, session, count, at_once=OPENING)
    heard: dict[str, dict[int, float]] = {}

    async def listen(number: int, socket: ClientConnection) -> None:
        async for text in socket:
            said = json.loads(text)
            if "fan" in said:
                heard.setdefault(said["fan"], {})[number] = time.perf_counter()

    listening = [asyncio.create_task(listen(number, socket)) for number, socket in enumerate(sockets)]
    control = await opened(url, f"{session}-control")
    figures: Figures = {"failures": failed, "opening_s": round(opening_s, 2)}
    for name in ("first", "warm"):
        began = time.perf_counter()
        asked = {"action": "fanout", "session": session, "id": name, "size": FAN_BYTES, "reply": reply}
        await control.send(json.dumps(asked))
        await answer(control)
        for _ in range(200):
            if len(heard.get(name, ())) == len(sockets):
                break
            await asyncio.sleep(0.05)
        late = [at - began for at in heard.get(name, {}).values()]
        missed = len(sockets) - len(late)
        figures[name] = {"last_ms": round(max(late, default=0) * 1000, 1), "failures": missed,
                         "median_ms": round(statistics.median(late) * 1000, 1) if late else None}  # fmt: skip
    for task in listening:
        task.cancel()
    await asyncio.gather(*listening, return_exceptions=True)
    return figures


async def storm(url: str, _reply: str, count: int) -> Figures:
    """Handshakes all at once; those that opened, by the second in which the last did."""
    sockets, failed, seconds = await gathered(url, "storm", count, at_once=count)
    await asyncio.sleep(2)
    still = sum(socket.state.name == "OPEN" for socket in sockets)
    return {"opened": still, "failures": failed, "per_s": round(len(sockets) / seconds, 1) if seconds else 0.0}


async def perform(url: str, names: list[str], *, count: int, pipe: int, crowd: int, reply: str) -> Figures:
    """Each workload's figures by its name; a workload that fails says how."""
    action = "echo" if reply == "return" else "echopost"
    known: dict[str, Callable[[], Awaitable[Figures]]] = {
        "returned": lambda: request_reply(url, "echo", count),
        "posted": lambda: request_reply(url, "echopost", count),
        "pipelined": lambda: pipelined(url, action, pipe),
        "fan_out": lambda: fan_out(url, reply, crowd),
        "storm": lambda: storm(url, reply, crowd),
    }
    figures = {}
    for name in names:
        try:
            async with asyncio.timeout(WORKLOAD_S):
                figures[name] = await known[name]()
        except (OSError, TimeoutError, WebSocketException, ValueError) as error:
            figures[name] = {"failed": f"{type(error).__name__}: {error}"[:200]}
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("workloads", nargs="+")
    parser.add_argument("--messages", type=int, required=True)
    parser.add_argument("--pipe", type=int, required=True)
    parser.add_argument("--crowd", type=int, required=True)
    parser.add_argument("--reply", choices=["return", "post"], required=True)
    given = parser.parse_args()
    # A pause of the client's own would count as the emulator's.
    gc.disable()
    figures = asyncio.run(
        perform(given.url, given.workloads, count=given.messages, pipe=given.pipe, crowd=given.crowd, reply=given.reply)
    )
    print(json.dumps(figures), flush=True)
    # The sockets are left to the end of the process: the emulator is measured with them open, and stopped then.
    input()
    os._exit(0)


if __name__ == "__main__":
    main()
