"""One emulator as a process tree of its own: started, waited for, measured, ended."""

import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

import psutil

from sandbox.bench.gateway.errors import EmulatorFailedError

ANSWERS_WITHIN_S = 60.0
ENDS_WITHIN_S = 5.0


class Emulator(Protocol):
    """What the bench needs of each. `replies` are the ways in which it answers a client: return, post."""

    name: str
    replies: tuple[str, ...]
    workloads: frozenset[str]
    messages: int | None

    def start(self) -> None:
        """Start it in its folder, and return when it answers HTTP."""
        ...

    def deploy(self) -> str:
        """Deploy the application; the WebSocket URL."""
        ...

    def memory_mib(self) -> int:
        """PSS of the whole tree."""
        ...

    def stop(self) -> None:
        """End every process of the tree."""
        ...


class Processes:
    """The processes that an emulator is made of."""

    def __init__(self, name: str, folder: Path) -> None:
        self._name = name
        self.folder = folder
        self._running: list[subprocess.Popen[bytes]] = []

    def spawn(self, command: Sequence[str], *, environment: Mapping[str, str], folder: Path | None = None) -> None:
        """Start one; what it writes goes to `emulator.log`."""
        with (self.folder / "emulator.log").open("ab") as log:
            self._running.append(
                subprocess.Popen(
                    command, cwd=folder or self.folder, env=clean_environment(environment), stdout=log, stderr=log,
                    stdin=subprocess.DEVNULL,
                )
            )  # fmt: skip

    def wait_for(self, url: str) -> None:
        """Return at the first HTTP answer, whatever it is. Raises EmulatorFailedError."""
        log = str(self.folder / "emulator.log")
        deadline = time.monotonic() + ANSWERS_WITHIN_S
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        while time.monotonic() < deadline:
            if any(process.poll() is not None for process in self._running):
                raise EmulatorFailedError(self._name, "it ended", log)
            try:
                with opener.open(url, timeout=2):
                    return
            except urllib.error.HTTPError as error:
                error.close()
                return
            except OSError:
                time.sleep(0.01)
        raise EmulatorFailedError(self._name, f"it did not within {ANSWERS_WITHIN_S:.0f} s", log)

    def memory_mib(self, first: int = 0) -> int:
        """PSS of the trees from the `first` process on."""
        total = 0
        for process in self._running[first:]:
            for one in _tree(process.pid):
                try:
                    total += one.memory_full_info().pss
                except psutil.Error:
                    continue
        return total // 1_048_576

    def stop(self) -> None:
        """Ask, insist, and end what an emulator left behind."""
        children = [one for process in self._running for one in _tree(process.pid)[1:]]
        for process in self._running:
            process.terminate()
        for process in self._running:
            try:
                process.wait(ENDS_WITHIN_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        for child in children:
            try:
                child.kill()
            except psutil.NoSuchProcess:
                continue
        self._running = []


def free_port() -> int:
    """A port that nobody has now."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


def clean_environment(more: Mapping[str, str]) -> dict[str, str]:
    """This process's variables without those of its own Python, with dummy credentials and no proxy."""
    ours = ("PYTHONDONTWRITEBYTECODE", "VIRTUAL_ENV", "PYTHONPATH", "AWS_ENDPOINT_URL", "AWS_PROFILE")
    kept = {name: value for name, value in os.environ.items() if name not in ours}
    dummy = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1"}
    return kept | dummy | {"AWS_REGION": "us-east-1", "NO_PROXY": "*", "AWS_EC2_METADATA_DISABLED": "true"} | dict(more)


def _tree(pid: int) -> list[psutil.Process]:
    try:
        root = psutil.Process(pid)
        return [root, *root.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []
