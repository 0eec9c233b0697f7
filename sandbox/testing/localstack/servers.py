"""LocalStack and DynamoDB Local as processes: started, waited for, stopped."""

import contextlib
import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from sandbox.processes import end_with_parent
from sandbox.testing.localstack import install
from sandbox.testing.localstack.errors import NotReadyError

READY_WITHIN_S = 90.0
STOP_WITHIN_S = 15.0
SERVICES = "sns,sqs,ssm"


@dataclass(frozen=True, kw_only=True)
class Servers:
    """Both, ready. `started_ms` is how long each took."""

    url: str
    dynamodb_url: str
    started_ms: Mapping[str, int]


@contextlib.contextmanager
def running(*, lock: Path, folder: Path) -> Iterator[Servers]:
    """Install what is missing, start both on free ports, stop both in the end. Raises LocalStackError."""
    java, python = install.java(), install.localstack(lock, folder)
    jar = install.dynamodb_local(folder)
    began = time.monotonic()
    ports = _free_ports()
    with contextlib.ExitStack() as stack:
        url, dynamodb_url = (f"http://localhost:{port}" for port in ports)
        log = folder / "localstack.log"
        environment = os.environ | localstack_environment(ports[0], folder / "files")
        local = stack.enter_context(
            _process([str(python), "-m", "localstack.runtime.main"], log=log, cwd=folder, environment=environment)
        )
        jar_log = folder / "dynamodb-local.log"
        table_store = stack.enter_context(
            _process([java, *dynamodb_arguments(ports[1])], log=jar_log, cwd=jar, environment=os.environ)
        )
        started_ms = {
            "LocalStack": _wait(local, "LocalStack", f"{url}/_localstack/health", log, began),
            "DynamoDB Local": _wait(table_store, "DynamoDB Local", dynamodb_url, jar_log, began),
        }
        yield Servers(url=url, dynamodb_url=dynamodb_url, started_ms=started_ms)


def localstack_environment(port: int, files: Path) -> dict[str, str]:
    """LocalStack's settings in host mode: its files in a folder of ours, nothing fetched, nothing reported.

    It listens on every address whatever GATEWAY_LISTEN says, since its server takes the port alone.
    """
    return {
        "OVERRIDE_IN_DOCKER": "0",
        "FILESYSTEM_ROOT": str(files),
        "GATEWAY_LISTEN": f"127.0.0.1:{port}",
        "SERVICES": SERVICES,
        "DNS_ADDRESS": "0",
        "DISABLE_EVENTS": "1",
        "SKIP_SSL_CERT_DOWNLOAD": "1",
    }


def dynamodb_arguments(port: int) -> list[str]:
    """One set of tables whatever the key and Region, in memory, nothing reported."""
    return [
        "-Djava.library.path=DynamoDBLocal_lib", "-jar", "DynamoDBLocal.jar", "-port", str(port), "-inMemory",
        "-sharedDb", "-disableTelemetry",
    ]  # fmt: skip


def _free_ports() -> tuple[int, int]:
    """Two at once, so that they differ; both servers take a port by its number only."""
    with socket.socket() as first, socket.socket() as second:
        for one in (first, second):
            one.bind(("127.0.0.1", 0))
        return first.getsockname()[1], second.getsockname()[1]


@contextlib.contextmanager
def _process(
    command: list[str], *, log: Path, cwd: Path, environment: Mapping[str, str]
) -> Iterator["subprocess.Popen[bytes]"]:
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, cwd=cwd, env=dict(environment),
            start_new_session=True,
            preexec_fn=end_with_parent,  # noqa: PLW1509 - this process has one thread
        )  # fmt: skip
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(STOP_WITHIN_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(process: "subprocess.Popen[bytes]", name: str, url: str, log: Path, began: float) -> int:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    while time.monotonic() - began < READY_WITHIN_S and process.poll() is None:
        try:
            opener.open(url, timeout=2).close()
        except urllib.error.HTTPError as error:
            error.close()  # DynamoDB Local has no page for a GET, and answers
        except OSError:
            time.sleep(0.05)
            continue
        return round((time.monotonic() - began) * 1000)
    raise NotReadyError(name, log)
