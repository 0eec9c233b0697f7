"""The process of one execution environment: AWS's runtime client and nothing of this checkout's environment."""

import asyncio
import contextlib
import os
import signal
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from sandbox.definitions.model import Function
from sandbox.processes import die_with_parent

LOG_LINE_BYTES = 262_144
"""A longer line is cut here: CloudWatch Logs takes events of 256 KB (CloudWatch Logs quotas)."""


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
        "AWS_XRAY_DAEMON_ADDRESS": "169.254.79.129:2000",
        "LAMBDA_RUNTIME_DIR": "/var/runtime",
        "LAMBDA_TASK_ROOT": function.path,
        "LANG": "en_US.UTF-8",
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "PYTHONPATH": os.pathsep.join(python_path),
        "PYTHONUNBUFFERED": "1",
        "TZ": ":UTC",
        "_HANDLER": function.handler,
    }


class EnvironmentProcess:
    """One process group. `on_line` is told of each line it writes, `on_exit` once when it ends."""

    def __init__(self, process: asyncio.subprocess.Process, on_line: Callable[[str], None]) -> None:
        self._process = process
        self._on_line = on_line
        self._reading: asyncio.Task[None] | None = None
        self._ended = asyncio.Event()

    @property
    def pid(self) -> int:
        return self._process.pid

    @classmethod
    async def start(
        cls,
        *,
        python: str,
        function: Function,
        clock_file: Path,
        environment: Mapping[str, str],
        on_line: Callable[[str], None],
        on_exit: Callable[[], None],
    ) -> "EnvironmentProcess":
        """Start it; `-S` keeps this machine's own packages out, so that a layer that lacks one is found here.

        `clock_file` says how far the sandbox's clock is ahead (`runtime/sandbox_runtime.py`).
        """
        process = await asyncio.create_subprocess_exec(
            python, "-S", "-m", "sandbox_runtime", str(clock_file), function.handler,
            env=dict(environment), cwd=function.path, stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
            start_new_session=True, preexec_fn=die_with_parent, limit=LOG_LINE_BYTES,
        )  # fmt: skip
        made = cls(process, on_line)
        made._reading = asyncio.create_task(made._read(on_exit))
        return made

    def freeze(self) -> None:
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    def kill(self) -> None:
        self._signal(signal.SIGKILL)

    async def ended(self) -> None:
        """Return when the process is gone and its lines are read."""
        await self._ended.wait()

    def peak_memory_mb(self) -> int:
        """The most memory the process has used, in whole megabytes; 0 where the system does not say."""
        with contextlib.suppress(OSError, ValueError):
            for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
                if line.startswith("VmHWM:"):
                    return int(line.split()[1]) // 1024
        return 0

    def _signal(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, number)

    async def _read(self, on_exit: Callable[[], None]) -> None:
        assert self._process.stdout is not None
        while True:
            try:
                line = await self._process.stdout.readuntil(b"\n")
            except asyncio.IncompleteReadError as error:
                line = error.partial
            except asyncio.LimitOverrunError as error:
                line = await self._process.stdout.readexactly(error.consumed)
            if not line:
                break
            self._on_line(line.decode(errors="replace").rstrip("\n"))
        await self._process.wait()
        self._ended.set()
        on_exit()
