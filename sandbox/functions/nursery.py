"""Environments forked from a process that has Lambda's packages loaded (`runtime/sandbox_nursery.py`); Linux only."""

import asyncio
import contextlib
import json
import os
import signal
import socket
import sys
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from sandbox.parents_death import end_with_parent

MESSAGE_BYTES = 262_144
CHANGES_PACKAGES = frozenset(["awscrt"])
"""Packages that botocore uses where they are: a function that brings one has its botocore loaded beside it."""
MODULE_SUFFIXES = (".py", ".so", ".pyc")


def modules(names: Iterable[str]) -> frozenset[str]:
    """The top-level modules that a folder with these entries has. Pure."""
    return frozenset(name.partition(".")[0] for name in names if name.endswith(MODULE_SUFFIXES) or "." not in name)


def brings_its_own(names: Iterable[str], *, loaded: frozenset[str], ours: frozenset[str]) -> bool:
    """Whether a folder with these entries has a module by a loaded one's name that is not `ours` in the same version.

    Pure. Versions are told by the folders that pip leaves beside a package.
    """
    entries = frozenset(names)
    for module in modules(entries):
        if module in loaded or module in CHANGES_PACKAGES:
            versions = {one for one in entries if one.startswith(f"{module}-") and one.endswith(".dist-info")}
            if not versions & ours:
                return True
    return False


def names_in(path: str) -> frozenset[str]:
    """The entries of a folder; none where there is no folder."""
    folder = Path(path)
    return frozenset(one.name for one in folder.iterdir()) if folder.is_dir() else frozenset()


class NurseryGoneError(RuntimeError):
    """The process ended, or never became ready."""


class Born:
    """One forked process."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.code: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    async def wait(self) -> int:
        """Its exit code, negative for a signal, when it has ended."""
        return await self.code


class Nursery:
    """Begins with `start`; `suits` and `bear` may be called at once, and wait until it is ready.

    `beside`: a folder of the functions' own, whose packages change those of Lambda and are found before them.
    """

    def __init__(self, runtime_paths: Sequence[str], *, beside: str | None = None) -> None:
        self._runtime_paths = tuple(runtime_paths)
        self._beside = beside
        self._process: asyncio.subprocess.Process | None = None
        self._channel: socket.socket | None = None
        self._ready: asyncio.Future[frozenset[str]] | None = None
        self._pid = 0
        self._awaiting: deque[asyncio.Future[Born]] = deque()
        self._alive: dict[int, Born] = {}
        self._suitable: dict[tuple[str, ...], bool] = {}

    @staticmethod
    def is_possible() -> bool:
        """Whether this system has what it takes: sequenced packets between processes, and ends told to children."""
        return sys.platform == "linux"

    async def start(self, python: str, *, log: Path) -> None:
        """Start the process; it says by itself when it is ready."""
        loop = asyncio.get_running_loop()
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ours.setblocking(False)
        self._channel, self._ready = ours, loop.create_future()
        log.parent.mkdir(parents=True, exist_ok=True)
        environment = {
            "PYTHONPATH": os.pathsep.join([*([self._beside] if self._beside else []), *self._runtime_paths]),
            "LANG": "en_US.UTF-8",
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "TZ": ":UTC",
        }
        with theirs, log.open("wb") as output:
            self._process = await asyncio.create_subprocess_exec(
                python, "-S", "-u", "-m", "sandbox_nursery", str(theirs.fileno()), env=environment, cwd="/",
                stdin=asyncio.subprocess.DEVNULL, stdout=output, stderr=output, pass_fds=(theirs.fileno(),),
                start_new_session=True, preexec_fn=end_with_parent,
            )  # fmt: skip
        loop.add_reader(ours, self._hear)

    async def stop(self) -> None:
        """End the process, and with it every environment that is left."""
        self._lose()
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()

    async def suits(self, paths: Sequence[str]) -> bool:
        """Whether code with these folders before Lambda's own would find the modules that are loaded here.

        Raises NurseryGoneError.
        """
        loaded = await self._loaded()
        known = self._suitable.get(tuple(paths))
        if known is None:
            ours = frozenset().union(*map(names_in, self._runtime_paths))
            others = [path for path in paths if path != self._beside]
            known = not any(brings_its_own(names_in(path), loaded=loaded, ours=ours) for path in others)
            self._suitable[tuple(paths)] = known
        return known

    async def bear(self, *, folder: str, environment: Mapping[str, str], arguments: Sequence[str], output: int) -> Born:
        """Fork an environment that writes to `output`. Raises NurseryGoneError."""
        await self._loaded()
        message = {
            "nursery": self._pid, "folder": folder, "environment": dict(environment), "arguments": list(arguments),
        }  # fmt: skip
        born: asyncio.Future[Born] = asyncio.get_running_loop().create_future()
        self._awaiting.append(born)
        try:
            if self._channel is None:
                raise NurseryGoneError
            socket.send_fds(self._channel, [json.dumps(message).encode()], [output])
        except OSError:
            self._lose()
            raise NurseryGoneError from None
        return await born

    async def _loaded(self) -> frozenset[str]:
        if self._ready is None:
            raise NurseryGoneError
        return await asyncio.shield(self._ready)

    def _hear(self) -> None:
        assert self._channel is not None
        while self._channel is not None:
            try:
                data = self._channel.recv(MESSAGE_BYTES)
            except BlockingIOError:
                return
            except OSError:
                data = b""
            if not data:
                self._lose()
                return
            self._take(json.loads(data))

    def _take(self, message: Mapping[str, Any]) -> None:
        if "ready" in message and self._ready is not None:
            self._pid = message["pid"]
            self._ready.set_result(frozenset(message["ready"]))
        elif "born" in message:
            born = self._alive[message["born"]] = Born(message["born"])
            waiting = self._awaiting.popleft()
            if waiting.done():
                # Whoever asked for it has given up.
                os.kill(born.pid, signal.SIGKILL)
            else:
                waiting.set_result(born)
        elif "ended" in message:
            self._alive.pop(message["ended"]).code.set_result(message["code"])

    def _lose(self) -> None:
        """Nothing is heard any more: whoever waits is told, and its environments are gone with it."""
        if self._channel is None:
            return
        asyncio.get_running_loop().remove_reader(self._channel)
        self._channel.close()
        self._channel = None
        waiting: list[asyncio.Future[Any]] = list(self._awaiting)
        if self._ready is not None:
            waiting.append(self._ready)
        self._awaiting.clear()
        for one in waiting:
            if not one.done():
                one.set_exception(NurseryGoneError())
                # Whether anybody waits or not.
                one.exception()
        self._ready = None
        for born in self._alive.values():
            born.code.set_result(-9)
        self._alive.clear()
