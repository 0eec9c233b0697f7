"""Emulators that boto3 deploys to: this sandbox, started as `target.json` says, and MiniStack."""

import json
import sys
from pathlib import Path

from sandbox.bench.gateway.deployment import Endpoint, deploy
from sandbox.bench.gateway.emulator import Processes, free_port
from sandbox.bench.gateway.peers import PYTHON

ALL_WORKLOADS = frozenset(["returned", "posted", "pipelined", "fan_out", "storm"])
TARGET = Path(__file__).with_name("target.json")


class Sandbox:
    """This sandbox, as `target.json` says."""

    name = "sandbox"
    replies: tuple[str, ...] = ("return", "post")
    workloads = ALL_WORKLOADS
    messages: int | None = None

    def __init__(self, folder: Path) -> None:
        self._processes = Processes(self.name, folder)
        self._folder = folder
        self._port = free_port()
        self._target = json.loads(TARGET.read_text())

    def start(self) -> None:
        launcher = Path(sys.executable).with_name(self._target["command"][0])
        command = [str(launcher), *(self._filled(part) for part in self._target["command"][1:])]
        self._processes.spawn(command, environment=self._target["env"])
        self._processes.wait_for(self._filled(self._target["health_url"]))

    def deploy(self) -> str:
        named = ("endpoint_url", "ws_template", "mgmt_template")
        url, websocket, callbacks = (self._filled(self._target[name]) for name in named)
        return deploy(Endpoint(url=url, websocket=websocket, callbacks=callbacks))

    def memory_mib(self) -> int:
        return self._processes.memory_mib()

    def stop(self) -> None:
        self._processes.stop()

    def _filled(self, text: str) -> str:
        return text.replace("{PORT}", str(self._port)).replace("{RUN}", str(self._folder))


class MiniStack:
    """MiniStack from PyPI, functions on the Python that it is installed for."""

    name = "ministack"
    replies: tuple[str, ...] = ("return", "post")
    workloads = ALL_WORKLOADS
    messages: int | None = None

    def __init__(self, folder: Path, installed: Path) -> None:
        self._processes = Processes(self.name, folder)
        self._installed = installed / "ministack"
        self._port = free_port()

    def start(self) -> None:
        self._processes.spawn(
            [PYTHON, str(self._installed / "bin" / "ministack")],
            environment={
                "GATEWAY_PORT": str(self._port), "BIND_HOST": "127.0.0.1", "PYTHONPATH": str(self._installed),
            },
        )  # fmt: skip
        self._processes.wait_for(f"http://127.0.0.1:{self._port}/_ministack/health")

    def deploy(self) -> str:
        api = f"127.0.0.1:{self._port}/_aws/execute-api/{{api}}/{{stage}}"
        return deploy(
            Endpoint(url=f"http://127.0.0.1:{self._port}", websocket=f"ws://{api}", callbacks=f"http://{api}")
        )

    def memory_mib(self) -> int:
        return self._processes.memory_mib()

    def stop(self) -> None:
        self._processes.stop()
