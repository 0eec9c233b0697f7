"""LocalStack and DynamoDB Local as processes: started, waited for, stopped."""

import contextlib
import os
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from sandbox.testing.backend_process import free_ports, process, wait_until_ready
from sandbox.testing.localstack import install

SERVICES = "sns,sqs,ssm"


@dataclass(frozen=True, kw_only=True)
class Servers:
    """Both, ready. `started_ms` is how long each took."""

    url: str
    dynamodb_url: str
    started_ms: Mapping[str, int]


@contextlib.contextmanager
def running(*, lock: Path, folder: Path) -> Iterator[Servers]:
    """Install what is missing, start both on free ports, stop both in the end. Raises BackendError."""
    java, python = install.java(), install.localstack(lock, folder)
    jar = install.dynamodb_local(folder)
    began = time.monotonic()
    ports = free_ports()
    with contextlib.ExitStack() as stack:
        url, dynamodb_url = (f"http://localhost:{port}" for port in ports)
        log = folder / "localstack.log"
        environment = os.environ | localstack_environment(ports[0], folder / "files")
        local = stack.enter_context(
            process([str(python), "-m", "localstack.runtime.main"], log=log, cwd=folder, environment=environment)
        )
        jar_log = folder / "dynamodb-local.log"
        table_store = stack.enter_context(
            process([java, *dynamodb_arguments(ports[1])], log=jar_log, cwd=jar, environment=os.environ)
        )
        started_ms = {
            "LocalStack": wait_until_ready(local, "LocalStack", f"{url}/_localstack/health", log, began),
            "DynamoDB Local": wait_until_ready(table_store, "DynamoDB Local", dynamodb_url, jar_log, began),
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
