"""A function service with one function, run by real processes, and its journal."""

import asyncio
import hashlib
import json
from pathlib import Path

from sandbox.clock import LiveClock
from sandbox.definitions.model import Definitions, Function
from sandbox.edge.http import HttpRequest
from sandbox.functions.destinations import Notice
from sandbox.functions.invocation import Invocation
from sandbox.functions.invoke_api import InvokeApi
from sandbox.functions.service import FunctionService
from sandbox.functions.settings import FunctionSettings
from sandbox.journal import Journal

ROOT = Path(__file__).resolve().parents[3]
HANDLER = """
import json, os, socket, sys, threading, time
calls = ticks = 0
def background():
    global ticks
    while True:
        time.sleep(.005); ticks += 1
threading.Thread(target=background, daemon=True).start()
def failing():
    raise LookupError("deep")
def handler(event, context):
    global calls
    calls += 1
    do = event.get("do")
    if do == "raise": raise ValueError("no")
    if do == "exit": os._exit(3)
    if do == "hang": time.sleep(60)
    if do == "meet":
        with socket.create_connection(("127.0.0.1", event["port"])) as door: door.recv(1)
    if do == "write":
        with open(event["path"], "ab") as file: file.write(b"x" * event["bytes"])
        return os.path.getsize(event["path"])
    if do == "read": return open(event["path"]).read() if os.path.exists(event["path"]) else None
    if do == "list": return sorted(os.listdir(event["path"]))
    if do == "where": return {"file": __file__, "cwd": os.getcwd(), "path": sys.path[:4], "uid": os.getuid()}
    if do == "find":
        import importlib.util
        return [importlib.util.find_spec(name) is not None for name in event["modules"]]
    if do == "environ": return dict(os.environ)
    if do == "context":
        client = context.client_context and context.client_context.custom
        return {"arn": context.invoked_function_arn, "version": context.function_version, "client": client,
                "name": context.function_name, "memory": context.memory_limit_in_mb, "id": context.aws_request_id,
                "group": context.log_group_name, "stream": context.log_stream_name}
    if do == "grow":
        held = bytearray(event["mb"] * 1_048_576)
        time.sleep(event.get("hold_s", 0))
    if do == "open":
        held = []
        try:
            while len(held) < event["most"]: held.append(open(os.devnull))
        except OSError as error:
            return [error.errno, held[-1].fileno()]
    if do == "run":
        import subprocess
        return subprocess.run(event["command"], capture_output=True, text=True).stdout
    if do == "stack": return failing()
    if do == "processors":
        seen = [len(os.sched_getaffinity(0))]
        one = threading.Thread(target=lambda: seen.append(len(os.sched_getaffinity(0))))
        one.start()
        one.join()
        return seen
    print("a line of the handler")
    return {"calls": calls, "ticks": ticks, "pid": os.getpid(), "left": context.get_remaining_time_in_millis()}
"""


class WatchedClock(LiveClock):
    """A clock that tells when something waits on it."""

    def __init__(self) -> None:
        super().__init__()
        self._watching: asyncio.Queue[int] | None = None

    def watch_timers(self) -> "asyncio.Queue[int]":
        self._watching = asyncio.Queue()
        return self._watching

    def call_at(self, at_ms, callback):
        if self._watching is not None:
            self._watching.put_nowait(at_ms)
        return super().call_at(at_ms, callback)


class Lab:
    """A function service with one function, and what its journal says."""

    def __init__(self, folder: Path, **changes) -> None:
        code = changes.pop("code", HANDLER)
        name = hashlib.sha256(code.encode()).hexdigest()[:8]
        task = folder / name
        task.mkdir(exist_ok=True)
        (task / "app.py").write_text(code)
        self.clock = WatchedClock()
        self.journal = Journal(self.clock)
        settings = FunctionSettings(
            region="us-east-1", account_id="123456789012", cache_dir=ROOT / ".cache",
            runtime_lock=ROOT / "requirements" / "runtime.lock", base_environment=lambda function: {},
            clock_file=folder / "clock-ahead-ms", credentials=lambda function: ("ASIATEST", "secret", "token"),
        )  # fmt: skip
        self.told: asyncio.Queue[Notice] = asyncio.Queue()
        self.service = FunctionService(clock=self.clock, journal=self.journal, settings=settings, deliver=self._tell)
        self.function = Function(
            **{
                "name": "f", "arn": "arn:aws:lambda:us-east-1:123456789012:function:f", "runtime": "python3.11",
                "handler": "app.handler", "role_arn": "r", "timeout_s": 5, "memory_mb": 128, "path": str(task),
                "code_sha256": name, **changes,
            }
        )  # fmt: skip

    async def _tell(self, _function: Function, notice: Notice) -> None:
        self.told.put_nowait(notice)

    async def __aenter__(self) -> "Lab":
        await self.service.start()
        self.apply(self.function)
        return self

    async def __aexit__(self, *_) -> None:
        await self.service.stop()

    def apply(self, function: Function) -> None:
        self.service.apply(
            Definitions(revision=1, account_id="123456789012", region="us-east-1", functions={"f": function})
        )

    async def api(self, name="f", *, query="", body=b"{}", **headers: str):
        """An answer of the Invoke API."""
        request = HttpRequest(
            method="POST", host="localhost", path=f"/2015-03-31/functions/{name}/invocations", query=query,
            headers=tuple((key.replace("_", "-"), value) for key, value in headers.items()), body=body,
            source_ip="127.0.0.1",
        )  # fmt: skip
        return await InvokeApi(self.service).handle(request)

    async def invoke(self, kind="RequestResponse", **event):
        return await self.service.invoke(
            Invocation(function="f", payload=json.dumps(event).encode(), invocation_type=kind, source="test")
        )

    async def result(self, **event):
        return json.loads((await self.invoke(**event)).payload)


def in_lab(tmp_path, act, **changes):
    async def run():
        async with Lab(tmp_path, **changes) as lab:
            return await act(lab)

    return asyncio.run(run())
