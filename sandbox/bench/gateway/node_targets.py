"""The two Node emulators, which read the application from their own configuration; dynalite is their table."""

import os
from pathlib import Path

from sandbox.bench.gateway import deployment
from sandbox.bench.gateway.emulator import Processes, free_port

SERVERLESS = """service: gateway-bench
frameworkVersion: "3"
provider:
  name: aws
  runtime: python3.11
  region: us-east-1
  stage: bench
  websocketsApiRouteSelectionExpression: $request.body.action
  environment:
    TABLE: gateway-bench
    DDB_ENDPOINT: ${env:DDB_ENDPOINT}
    MGMT_ENDPOINT: ${env:MGMT_ENDPOINT}
plugins:
  - serverless-offline
functions:
  main:
    handler: handler.handler
    timeout: 29
    events:
      - websocket: { route: $connect }
      - websocket: { route: $disconnect }
      - websocket: { route: echo, routeResponseSelectionExpression: $default }
      - websocket: { route: echopost, routeResponseSelectionExpression: $default }
      - websocket: { route: fanout, routeResponseSelectionExpression: $default }
  other:
    handler: handler.handler
    timeout: 29
    events:
      - websocket: { route: other, routeResponseSelectionExpression: $default }
"""
ARC = """@app
gateway-bench

@aws
runtime python3.11
timeout 29
memory 512

@ws
echo
echopost
fanout
other

@tables
gateway-bench
  id *String
"""
_HANDLER = (deployment.APPLICATION / "handler.py").read_text


class _NodeEmulator:
    """What both share."""

    name = ""

    def __init__(self, folder: Path, installed: Path) -> None:
        self._processes = Processes(self.name, folder)
        self._project = folder / "project"
        self._project.mkdir()
        self._installed = installed
        self._port, self._table_port = free_port(), free_port()

    def stop(self) -> None:
        self._processes.stop()

    def _path(self) -> dict[str, str]:
        """Functions run on the same Python and client library as everybody's."""
        python = self._installed / "python"
        return {"PATH": f"{python / 'bin'}{os.pathsep}{os.environ['PATH']}", "PYTHONPATH": str(python)}


class ServerlessOffline(_NodeEmulator):
    """serverless-offline; its functions' processes are kept. It has no DynamoDB: dynalite runs beside it."""

    name = "serverless-offline"
    replies: tuple[str, ...] = ("return", "post")
    # Each $connect that waits has a process of its own: hundreds of handshakes at once exhaust the machine.
    workloads = frozenset(["returned", "posted", "pipelined", "fan_out"])
    messages: int | None = None

    def start(self) -> None:
        modules = self._installed / "serverless-offline" / "node_modules"
        dynalite = self._installed / "architect" / "node_modules" / "dynalite" / "cli.js"
        (self._project / "serverless.yml").write_text(SERVERLESS)
        (self._project / "handler.py").write_text(_HANDLER())
        (self._project / "node_modules").symlink_to(modules)
        self._processes.spawn(
            ["node", str(modules / "serverless" / "bin" / "serverless.js"), "offline", "start", "--host", "127.0.0.1",
             "--websocketPort", str(self._port), "--httpPort", str(free_port()), "--lambdaPort", str(free_port()),
             "--noSponsor"],
            folder=self._project,
            environment={
                **self._path(), "DDB_ENDPOINT": f"http://127.0.0.1:{self._table_port}",
                "MGMT_ENDPOINT": f"http://127.0.0.1:{self._port}", "SLS_TELEMETRY_DISABLED": "1",
                "SLS_NOTIFICATIONS_MODE": "off", "SLS_DEPRECATION_DISABLE": "*",
            },
        )  # fmt: skip
        self._processes.spawn(
            ["node", str(dynalite), "--host", "127.0.0.1", "--port", str(self._table_port), "--createTableMs", "0"],
            environment={},
        )
        self._processes.wait_for(f"http://127.0.0.1:{self._table_port}/")
        self._processes.wait_for(f"http://127.0.0.1:{self._port}/")

    def deploy(self) -> str:
        deployment.table(f"http://127.0.0.1:{self._table_port}")
        return f"ws://127.0.0.1:{self._port}/bench"

    def memory_mib(self) -> int:
        return self._processes.memory_mib()


class Architect(_NodeEmulator):
    """@architect/sandbox: a new process for each message, and a returned body never reaches the client."""

    name = "architect"
    replies: tuple[str, ...] = ("post",)
    # A third of a second for each of 500 connections and as much for each message is minutes without a figure.
    workloads = frozenset(["posted", "pipelined"])
    messages: int | None = 60

    def start(self) -> None:
        (self._project / "app.arc").write_text(ARC)
        for route in ("connect", "disconnect", "default", *deployment.ROUTES, "other"):
            folder = self._project / "src" / "ws" / route
            folder.mkdir(parents=True)
            (folder / "lambda.py").write_text(_HANDLER())
            (folder / "config.arc").write_text("@aws\nruntime python3.11\ntimeout 29\n")
        self._internal = free_port()
        (self._project / ".env").write_text(
            f"TABLE=gateway-bench\nDDB_ENDPOINT=http://localhost:{self._table_port}\n"
            f"MGMT_ENDPOINT=http://localhost:{self._internal}/_arc/ws\nAWS_DEFAULT_REGION=us-east-1\n"
        )
        cli = self._installed / "architect" / "node_modules" / "@architect" / "sandbox" / "src" / "cli" / "cli.js"
        self._processes.spawn(
            ["node", str(cli), "--disable-symlinks"], folder=self._project,
            environment={
                **self._path(), "ARC_HTTP_PORT": str(self._port), "ARC_TABLES_PORT": str(self._table_port),
                "ARC_INTERNAL_PORT": str(self._internal), "ARC_EVENTS_PORT": str(free_port()), "ARC_ENV": "testing",
                "HOME": str(self._project.parent),
            },
        )  # fmt: skip
        self._processes.wait_for(f"http://localhost:{self._port}/")

    def deploy(self) -> str:
        deployment.table(f"http://localhost:{self._table_port}")
        return f"ws://localhost:{self._port}/"

    def memory_mib(self) -> int:
        return self._processes.memory_mib()
