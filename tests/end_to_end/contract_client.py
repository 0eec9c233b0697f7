"""A client written from the contract's words alone: nothing of this project is imported.

Whoever writes one in another language reads the same words: `state.json`, `sandbox token`, a URL, JSON messages.
"""

import asyncio
import base64
import json
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

CHUNK_BYTES = 3200
"""100 ms of 16 kHz mono 16-bit PCM."""
CHUNK_S = 0.1
GAP_IS_FINAL_MS = 3000
ANSWER_WITHIN_S = 10


@dataclass(frozen=True, kw_only=True)
class Place:
    """A running sandbox, known by its state folder."""

    state_dir: Path

    def web_socket_url(self) -> str:
        """From `state.json`; it ends in the stage."""
        return str(json.loads((self.state_dir / "state.json").read_text())["webSocketUrl"])

    def token(self, user: str) -> str:
        """What `sandbox token` prints."""
        command = [sys.executable, "-m", "sandbox.cli", "token", "--user", user, "--state-dir", str(self.state_dir)]
        return subprocess.run(command, check=True, capture_output=True, text=True, timeout=30).stdout.strip()


@dataclass(kw_only=True)
class Peer:
    """One connection; `frames` are the texts that came and went, as ("client" or "server", text)."""

    socket: ClientConnection
    frames: list[tuple[str, str]] = field(default_factory=list)
    arrived: list[tuple[int, dict]] = field(default_factory=list)
    closed_with: int | None = None
    _more: asyncio.Condition = field(default_factory=asyncio.Condition)
    _taken: int = 0
    _reader: asyncio.Task | None = None

    @classmethod
    async def open(cls, url: str, address: str, **query: str) -> "Peer":
        socket = await connect(f"{url}?{urlencode(query)}", local_addr=(address, 0), proxy=None, compression=None)
        peer = cls(socket=socket)
        peer._reader = asyncio.create_task(peer._read())
        return peer

    async def send(self, action: str, **fields) -> None:
        text = json.dumps({"action": action, **fields})
        self.frames.append(("client", text))
        await self.socket.send(text)

    async def wait_for(self, kind: str) -> dict:
        """The next message of this type that has not been waited for, or past others; fails after a while."""
        async with asyncio.timeout(ANSWER_WITHIN_S), self._more:
            while True:
                for index in range(self._taken, len(self.arrived)):
                    if self.arrived[index][1].get("type") == kind:
                        self._taken = index + 1
                        return self.arrived[index][1]
                await self._more.wait()

    async def ask(self, kind: str, action: str, **fields) -> dict:
        await self.send(action, **fields)
        return await self.wait_for(kind)

    async def until_closed(self) -> None:
        assert self._reader is not None
        async with asyncio.timeout(ANSWER_WITHIN_S):
            await self._reader

    async def close(self) -> None:
        await self.socket.close()
        await self.until_closed()

    async def _read(self) -> None:
        try:
            while True:
                text = str(await self.socket.recv())
                async with self._more:
                    self.frames.append(("server", text))
                    self.arrived.append((time.monotonic_ns() // 1_000_000, json.loads(text)))
                    self._more.notify_all()
        except ConnectionClosed as error:
            self.closed_with = error.rcvd.code if error.rcvd else None


async def speak(peer: Peer, pcm: bytes, first_seq: int = 0) -> int:
    """Send the audio at the pace it is spoken; returns the next `seq`."""
    began = time.monotonic()
    seq = first_seq
    for start in range(0, len(pcm), CHUNK_BYTES):
        await asyncio.sleep(max(0.0, began + (seq - first_seq + 1) * CHUNK_S - time.monotonic()))
        audio = base64.b64encode(pcm[start : start + CHUNK_BYTES]).decode()
        await peer.send("sendAudio", seq=seq, audio=audio)
        seq += 1
    return seq


def transcript(arrived: list[tuple[int, dict]], field_name: str = "sourceText") -> list[str]:
    """The texts in order, by the contract's rules of delivery, from (arrival ms, message)."""
    texts: dict[str, str] = {}
    order: dict[str, int] = {}
    seen: set[str] = set()
    for _, message in arrived:
        if message.get("type") != "translation" or message["segmentId"] in seen:
            continue
        seen.add(message["segmentId"])
        replaced = message.get("correctionOf")
        texts[replaced or message["segmentId"]] = message[field_name]
        if replaced is None:
            order[message["segmentId"]] = message["sequence"]
    return [texts[segment] for segment in sorted(order, key=lambda segment: order[segment])]


def shown(arrived: list[tuple[int, dict]], now_ms: int) -> list[int]:
    """The sequences that a screen shows by now: in order, and past a gap once it is older than 3 s."""
    first_at: dict[int, int] = {}
    for at_ms, message in arrived:
        if message.get("type") == "translation":
            first_at.setdefault(message["sequence"], at_ms)
    ready: list[int] = []
    for sequence in sorted(first_at):
        whole = sequence == (ready[-1] + 1 if ready else 0)
        if not whole and now_ms - first_at[sequence] < GAP_IS_FINAL_MS:
            break
        ready.append(sequence)
    return ready
