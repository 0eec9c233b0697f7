"""A backend as a process: started, waited for, stopped."""

import contextlib
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path

from sandbox.parents_death import end_with_parent
from sandbox.processes import stop

READY_WITHIN_S = 90.0
STOP_WITHIN_S = 15.0


class BackendError(RuntimeError):
    """A backend could not be had or started; the text is one line with the next step."""


class NotReadyError(BackendError):
    """A server ended, or did not answer in time."""

    def __init__(self, name: str, log: Path) -> None:
        said = log.read_text(errors="replace").strip().splitlines()[-1:] if log.exists() else []
        super().__init__(f"expected {name} to answer, it did not ({''.join(said) or 'it said nothing'}): see {log}")


def free_ports() -> tuple[int, int]:
    """Two at once, so that they differ, for servers that take a port by its number only."""
    with socket.socket() as first, socket.socket() as second:
        for one in (first, second):
            one.bind(("127.0.0.1", 0))
        return first.getsockname()[1], second.getsockname()[1]


@contextlib.contextmanager
def process(
    command: list[str], *, log: Path, cwd: Path, environment: Mapping[str, str]
) -> Iterator["subprocess.Popen[bytes]"]:
    """One that ends with this process, and at the end of the block."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        started = subprocess.Popen(
            command, stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, cwd=cwd, env=dict(environment),
            start_new_session=True,
            preexec_fn=end_with_parent,  # noqa: PLW1509 - this process has one thread
        )  # fmt: skip
    try:
        yield started
    finally:
        stop(started, within_s=STOP_WITHIN_S)


def wait_until_ready(running: "subprocess.Popen[bytes]", name: str, url: str, log: Path, began: float) -> int:
    """Return after how many milliseconds it answers. Raises NotReadyError."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    while time.monotonic() - began < READY_WITHIN_S and running.poll() is None:
        try:
            opener.open(url, timeout=2).close()
        except urllib.error.HTTPError as error:
            error.close()  # DynamoDB Local has no page for a GET, and answers
        except OSError:
            time.sleep(0.05)
            continue
        return round((time.monotonic() - began) * 1000)
    raise NotReadyError(name, log)
