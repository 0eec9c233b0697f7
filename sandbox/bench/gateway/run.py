"""Runs the bench: each emulator in turn, a fresh one for each group of workloads, and all of it again."""

import asyncio
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from sandbox.bench.gateway import client
from sandbox.bench.gateway.emulator import Emulator
from sandbox.bench.gateway.errors import GatewayBenchError
from sandbox.bench.gateway.node_targets import Architect, ServerlessOffline
from sandbox.bench.gateway.targets import MiniStack, Sandbox

GROUPS = (("returned", "posted", "pipelined"), ("fan_out",), ("storm",))
"""Workloads that share an emulator: what one leaves behind does not reach the next group."""
IDLE_PERCENT, IDLE_WITHIN_S = 25.0, 30.0
CLIENT_WITHIN_S = 900.0


@dataclass(frozen=True, kw_only=True)
class Sizes:
    """How much is measured: messages of request/reply, pipelined messages, connections, repetitions."""

    messages: int = 300
    pipe: int = 200
    crowd: int = 500
    repetitions: int = 3


def measure(
    peers: Sequence[str], installed: Path, sizes: Sizes, say: Callable[[str], None]
) -> dict[str, list[dict[str, Any]]]:
    """For each emulator one document a repetition. Raises GatewayBenchError when ours does not run at all."""
    makers: dict[str, Callable[[Path], Emulator]] = {
        "sandbox": Sandbox,
        "ministack": lambda folder: MiniStack(folder, installed),
        "serverless-offline": lambda folder: ServerlessOffline(folder, installed),
        "architect": lambda folder: Architect(folder, installed),
    }
    names = ("sandbox", *peers)
    results: dict[str, list[dict[str, Any]]] = {name: [] for name in names}
    with tempfile.TemporaryDirectory(prefix="gateway-bench-") as place:
        for repetition in range(1, sizes.repetitions + 1):
            for name in names:
                say(f"repetition {repetition} of {sizes.repetitions}: {name}")
                folder = Path(place) / f"{name}-{repetition}"
                results[name].append(_repetition(makers[name], folder, sizes))
    return results


def _repetition(make: Callable[[Path], Emulator], folder: Path, sizes: Sizes) -> dict[str, Any]:
    figures: dict[str, Any] = {}
    firsts = []
    for group in GROUPS:
        place = folder / group[0]
        place.mkdir(parents=True)
        emulator = make(place)
        workloads = [name for name in group if name in emulator.workloads]
        if not workloads:
            continue
        _settle()
        try:
            first_s, url = _begun(emulator)
            firsts.append(first_s)
            measured, memory = _driven(emulator, url, workloads, sizes)
            figures |= measured
            figures[f"{group[0]}_pss_mib"] = memory
        except GatewayBenchError as error:
            if emulator.name == "sandbox":
                raise
            figures[group[0]] = {"failed": str(error)}
        finally:
            emulator.stop()
    return {**figures, "first_reply_s": sorted(firsts)[len(firsts) // 2]} if firsts else figures


def _begun(emulator: Emulator) -> tuple[float, str]:
    """Seconds from the launch to the first reply, deployment included, and the WebSocket URL."""
    began = time.perf_counter()
    emulator.start()
    url = emulator.deploy()
    asyncio.run(client.first_reply(url, "echo" if "return" in emulator.replies else "echopost"))
    return round(time.perf_counter() - began, 3), url


def _driven(emulator: Emulator, url: str, workloads: Sequence[str], sizes: Sizes) -> tuple[dict[str, Any], int]:
    messages = emulator.messages or sizes.messages
    command = [
        sys.executable, "-m", "sandbox.bench.gateway.client", url, *workloads, "--messages", str(messages),
        "--pipe", str(emulator.messages or sizes.pipe), "--crowd", str(sizes.crowd), "--reply", emulator.replies[0],
    ]  # fmt: skip
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        line = process.stdout.readline()
        memory = emulator.memory_mib()
        # The client leaves when it is told to.
        process.communicate("\n", timeout=CLIENT_WITHIN_S)
    return json.loads(line) if line else {"client": {"failed": "it ended without figures"}}, memory


def _settle() -> None:
    """Wait until the machine is mostly idle: processes of the emulator before may still be going away."""
    deadline = time.monotonic() + IDLE_WITHIN_S
    while time.monotonic() < deadline and psutil.cpu_percent(interval=0.5) > IDLE_PERCENT:
        pass
