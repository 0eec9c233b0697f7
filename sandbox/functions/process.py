"""The process of one execution environment: AWS's runtime client and nothing of this checkout's environment."""

import asyncio
import contextlib
import os
import signal
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from sandbox.definitions.model import Function
from sandbox.parents_death import die_with_parent

PIPE_BYTES = 65_536
STATUS_BYTES = 4096
"""More than the lines of `/proc/PID/status` up to the peak of its memory."""
LOG_LINE_BYTES = 262_144
"""A longer line is cut here: CloudWatch Logs takes events of 256 KB (CloudWatch Logs quotas)."""


XRAY_DAEMON = "169.254.100.1:2000"
"""An address of the execution environment where nobody answers: nothing is traced here."""


def variables(
    function: Function,
    *,
    runtime_port: int,
    log_stream: str,
    python_path: Sequence[str],
    credentials: tuple[str, str, str],
    region: str,
) -> dict[str, str]:
    """What a python3.11 handler sees (L-06), with this machine's paths in the place of Lambda's."""
    access_key, secret_key, token = credentials
    return {
        **function.environment,
        "AWS_ACCESS_KEY_ID": access_key,
        "AWS_SECRET_ACCESS_KEY": secret_key,
        "AWS_SESSION_TOKEN": token,
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "AWS_EXECUTION_ENV": "AWS_Lambda_python3.11",
        "AWS_LAMBDA_FUNCTION_NAME": function.name,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_mb),
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{function.name}",
        "AWS_LAMBDA_LOG_STREAM_NAME": log_stream,
        "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{runtime_port}",
        "AWS_XRAY_CONTEXT_MISSING": "LOG_ERROR",
        "AWS_XRAY_DAEMON_ADDRESS": XRAY_DAEMON,
        "_AWS_XRAY_DAEMON_ADDRESS": XRAY_DAEMON.partition(":")[0],
        "_AWS_XRAY_DAEMON_PORT": XRAY_DAEMON.partition(":")[2],
        "LAMBDA_RUNTIME_DIR": "/var/runtime",
        "LAMBDA_TASK_ROOT": function.path,
        "LANG": "en_US.UTF-8",
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "PYTHONPATH": os.pathsep.join(python_path),
        "SHLVL": "0",
        "TZ": ":UTC",
        "_HANDLER": function.handler,
    }


class Lines:
    """What a process writes, line by line. `read_now` takes what is in the pipe already: whoever hears from the process
    by another way reads what it wrote before."""

    def __init__(self, on_line: Callable[[str], None]) -> None:
        self._on_line = on_line
        self._loop = asyncio.get_running_loop()
        self._read_end, self.write_end = os.pipe()
        os.set_blocking(self._read_end, False)
        self._part = b""
        self._loop.add_reader(self._read_end, self.read_now)

    def read_now(self) -> None:
        """Tell of every whole line that was written so far."""
        while self._read_end >= 0:
            try:
                data = os.read(self._read_end, PIPE_BYTES)
            except BlockingIOError:
                return
            if not data:
                self.close()
                return
            *lines, self._part = (self._part + data).split(b"\n")
            for line in lines:
                self._tell(self._cut(line))
            self._part = self._cut(self._part)

    def close(self) -> None:
        """Read nothing more; a last line without an end is one too."""
        if self._read_end < 0:
            return
        self._loop.remove_reader(self._read_end)
        os.close(self._read_end)
        self._read_end = -1
        if self._part:
            self._tell(self._part)
            self._part = b""

    def _cut(self, line: bytes) -> bytes:
        """Tell of all but the last event of a long line; returns the rest."""
        while len(line) > LOG_LINE_BYTES:
            self._tell(line[:LOG_LINE_BYTES])
            line = line[LOG_LINE_BYTES:]
        return line

    def _tell(self, line: bytes) -> None:
        self._on_line(line.decode(errors="replace"))


class Started(Protocol):
    """A process that leads a group of its own."""

    @property
    def pid(self) -> int: ...

    async def wait(self) -> int:
        """Its exit code, negative for a signal, when it has ended."""
        ...


async def started_whole(
    *, python: str, folder: str, environment: Mapping[str, str], arguments: Sequence[str], output: int
) -> Started:
    """A process from the beginning; `-S` keeps this machine's own packages out, so that a layer that lacks one is
    found here. `arguments` are those of `runtime/sandbox_runtime.py`."""
    return await asyncio.create_subprocess_exec(
        python, "-S", "-u", "-m", "sandbox_runtime", *arguments,
        env=dict(environment), cwd=folder, stdin=asyncio.subprocess.DEVNULL,
        stdout=output, stderr=asyncio.subprocess.STDOUT,
        start_new_session=True, preexec_fn=die_with_parent,
    )  # fmt: skip


class EnvironmentProcess:
    """One process group. `on_line` is told of each line it writes, `on_exit` once when it ends, with its exit code."""

    def __init__(self, process: Started, lines: Lines) -> None:
        self._process = process
        self._lines = lines
        self._waiting: asyncio.Task[None] | None = None
        self._ended = asyncio.Event()
        self._status = -1

    @property
    def pid(self) -> int:
        return self._process.pid

    @classmethod
    async def start(
        cls,
        begin: Callable[[int], Awaitable[Started]],
        *,
        on_line: Callable[[str], None],
        on_exit: Callable[[int], None],
    ) -> "EnvironmentProcess":
        """`begin` starts the process, which writes to the descriptor that it is given."""
        lines = Lines(on_line)
        try:
            process = await begin(lines.write_end)
        except BaseException:
            lines.close()
            raise
        finally:
            os.close(lines.write_end)
        made = cls(process, lines)
        made._waiting = asyncio.create_task(made._wait(on_exit))
        return made

    def read_now(self) -> None:
        """Tell of every line that it wrote so far."""
        self._lines.read_now()

    def freeze(self) -> None:
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    def kill(self) -> None:
        self._signal(signal.SIGKILL)

    async def ended(self) -> None:
        """Return when the process is gone and its lines are read."""
        await self._ended.wait()

    def is_runnable(self) -> bool:
        """Whether its first thread runs, or waits for nothing but a processor; False where the system does not say."""
        with contextlib.suppress(OSError):
            stat = Path(f"/proc/{self.pid}/stat").read_bytes()
            return stat.rpartition(b") ")[2].startswith(b"R")
        return False

    def peak_memory_mb(self) -> int:
        """The most memory the process has used, in whole megabytes; 0 where the system does not say."""
        with contextlib.suppress(OSError, ValueError):
            if self._status < 0:
                self._status = os.open(f"/proc/{self.pid}/status", os.O_RDONLY)
            _, _, after = os.pread(self._status, STATUS_BYTES, 0).partition(b"VmHWM:")
            return int(after.split(maxsplit=1)[0]) // 1024 if after else 0
        return 0

    def _signal(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, number)

    async def _wait(self, on_exit: Callable[[int], None]) -> None:
        code = await self._process.wait()
        self._lines.read_now()
        # A process that it left behind may hold the pipe open; what that writes is nobody's.
        self._lines.close()
        if self._status >= 0:
            os.close(self._status)
            self._status = -1
        self._ended.set()
        on_exit(code)
