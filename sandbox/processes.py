"""Child processes that say in one JSON line that they are ready, and end with their parent."""

import asyncio
import contextlib
import json
import signal
import socket
import subprocess
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from sandbox.adopted_process import AdoptedProcess
from sandbox.parents_death import end_with_parent

READY_WITHIN_S = 180.0
"""A sandbox deploys everything before it is ready; a machine that does much else besides takes its time."""
STOP_WITHIN_S = 5.0


class ChildFailedError(RuntimeError):
    """A part of the sandbox did not become ready."""

    def __init__(self, name: str, log: Path, exit_code: int | None = None) -> None:
        tail = log.read_text(errors="replace").strip().splitlines()[-1:] if log.exists() else []
        self.said = "".join(tail)
        self.exit_code = exit_code
        super().__init__(f"expected {name} to become ready, it ended ({self.said or 'it said nothing'}): see {log}")


def stop(process: "subprocess.Popen[Any]", *, within_s: float) -> None:
    """Ask a process to end, insist after a while. Blocks until it has ended."""
    process.terminate()
    try:
        process.wait(within_s)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


class Child:
    """One child process; its standard error goes to a log file. What it says after it is ready is read by `follow`."""

    def __init__(
        self, name: str, process: asyncio.subprocess.Process | AdoptedProcess, ready: Mapping[str, Any]
    ) -> None:
        self.name = name
        self.ready = ready
        self._silent = asyncio.Event()
        self._process = process

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def ended(self) -> bool:
        return self._process.returncode is not None

    @classmethod
    async def start(
        cls,
        name: str,
        command: list[str],
        *,
        log: Path,
        environment: Mapping[str, str],
        outlives_us: bool = False,
        ready_within_s: float = READY_WITHIN_S,
        sockets: Sequence[socket.socket] = (),
    ) -> "Child":
        """Start and wait for the ready line; `sockets` are open in it by the same descriptors.

        Raises ChildFailedError when it ends or stays silent.
        """
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("wb") as errors:
            process = await asyncio.create_subprocess_exec(
                *command,
                stdout=asyncio.subprocess.PIPE,
                stderr=errors,
                stdin=asyncio.subprocess.DEVNULL,
                env=dict(environment),
                start_new_session=True,
                preexec_fn=None if outlives_us else end_with_parent,
                pass_fds=[one.fileno() for one in sockets],
            )
        return await cls.adopt(name, process, log=log, ready_within_s=ready_within_s)

    @classmethod
    async def adopt(
        cls,
        name: str,
        process: asyncio.subprocess.Process | AdoptedProcess,
        *,
        log: Path,
        ready_within_s: float = READY_WITHIN_S,
    ) -> "Child":
        """Wait for the ready line of a process that has been started. Raises as `start`."""
        assert process.stdout is not None
        try:
            async with asyncio.timeout(ready_within_s):
                line = await process.stdout.readline()
                if not line:
                    # It is ending by itself; asyncio loses the exit code of a process that is signalled just then.
                    await process.wait()
            return cls(name, process, json.loads(line))
        except BaseException as error:
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    process.terminate()
                await process.wait()
            if isinstance(error, (TimeoutError, ValueError)):
                raise ChildFailedError(name, log, process.returncode) from None
            raise

    async def lines(self) -> AsyncIterator[str]:
        """Each line of its standard output until it ends."""
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            yield line.decode(errors="replace").rstrip("\n")
        self._silent.set()

    async def follow(self, on_line: Callable[[str], None]) -> None:
        """Hand on each line of its standard output until it ends."""
        async for line in self.lines():
            on_line(line)

    async def ended_by_itself(self) -> str:
        """Return once it has ended, with what is known of it: its exit code or the signal that ended it. Somebody must
        `follow` it, for the end of its output is what tells."""
        await self._silent.wait()
        code = await self._process.wait()
        return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"

    async def stop(self) -> None:
        """Ask it to end, insist after a while."""
        if self._process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            self._process.terminate()
        try:
            async with asyncio.timeout(STOP_WITHIN_S):
                await self._process.wait()
        except TimeoutError:
            self._process.kill()
            await self._process.wait()
