"""Real processes on AWS's runtime client behave as Lambda's environments do."""

import asyncio
import hashlib
import json
from pathlib import Path

import pytest

from sandbox.clock import LiveClock
from sandbox.definitions.model import Definitions, Function
from sandbox.edge.http import HttpRequest
from sandbox.functions.invocation import Invocation
from sandbox.functions.invoke_api import InvokeApi
from sandbox.functions.service import FunctionService
from sandbox.functions.settings import FunctionSettings
from sandbox.journal import Journal

ROOT = Path(__file__).resolve().parents[3]
HANDLER = """
import json, os, sys, threading, time
calls = ticks = 0
def background():
    global ticks
    while True:
        time.sleep(.005); ticks += 1
threading.Thread(target=background, daemon=True).start()
def handler(event, context):
    global calls
    calls += 1
    do = event.get("do")
    if do == "raise": raise ValueError("no")
    if do == "exit": os._exit(3)
    if do == "hang": time.sleep(60)
    if do == "meet":
        mine, other = event["mine"], event["other"]
        open(mine, "w").close()
        while not os.path.exists(other): time.sleep(.005)
    if do == "find":
        import importlib.util
        return [importlib.util.find_spec(name) is not None for name in event["modules"]]
    if do == "environ": return dict(os.environ)
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
        self.service = FunctionService(clock=self.clock, journal=self.journal, settings=settings)
        self.function = Function(
            **{
                "name": "f", "arn": "arn:aws:lambda:us-east-1:123456789012:function:f", "runtime": "python3.11",
                "handler": "app.handler", "role_arn": "r", "timeout_s": 5, "memory_mb": 128, "path": str(task),
                "code_sha256": name, **changes,
            }
        )  # fmt: skip

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


def test_globals_survive_and_an_exception_does_not_reset_them(tmp_path):
    """L-09, L-11, L-17."""

    async def act(lab):
        first = await lab.result()
        failed = await lab.result(do="raise")
        last = await lab.result()
        return first, failed, last

    first, failed, last = in_lab(tmp_path, act)
    assert (first["calls"], last["calls"], last["pid"]) == (1, 3, first["pid"])
    assert (failed["errorType"], failed["errorMessage"]) == ("ValueError", "no")


def test_a_handlers_thread_stands_still_between_invocations(tmp_path):
    """L-08: its ticks come from the time of the invocations, not from the 0.5 s between them."""

    async def act(lab):
        before = await lab.result()
        frozen = asyncio.Event()
        lab.clock.call_at(lab.clock.now_ms() + 500, frozen.set)
        await frozen.wait()
        return before, await lab.result()

    before, after = in_lab(tmp_path, act)
    assert after["ticks"] - before["ticks"] < 15


def test_parallel_invocations_get_environments_of_their_own(tmp_path):
    """L-10: two invocations that wait for each other both end."""

    async def act(lab):
        a, b = str(tmp_path / "a"), str(tmp_path / "b")
        return await asyncio.gather(lab.result(do="meet", mine=a, other=b), lab.result(do="meet", mine=b, other=a))

    one, other = in_lab(tmp_path, act)
    assert one["pid"] != other["pid"]


def test_a_timeout_loses_the_environment(tmp_path):
    """L-11, L-13."""

    async def act(lab):
        first = await lab.result()
        late = await lab.result(do="hang")
        return first, late, await lab.result()

    first, late, after = in_lab(tmp_path, act, timeout_s=1)
    assert late["errorType"] == "Sandbox.Timedout"
    assert after["pid"] != first["pid"]
    assert after["calls"] == 1


def test_an_exit_loses_the_environment(tmp_path):
    """L-20."""

    async def act(lab):
        return await lab.result(do="exit"), await lab.result()

    gone, after = in_lab(tmp_path, act)
    assert gone["errorType"] == "Runtime.ExitError"
    assert after["calls"] == 1


def test_a_module_that_is_missing_is_reported_as_lambda_does(tmp_path):
    """L-20."""
    answer = in_lab(tmp_path, lambda lab: lab.result(), code="import nowhere_to_be_found\n")
    assert answer["errorType"] == "Runtime.ImportModuleError"
    assert answer["errorMessage"] == "Unable to import module 'app': No module named 'nowhere_to_be_found'"


def test_only_lambdas_own_packages_and_the_layers_can_be_imported(tmp_path):
    """What a layer lacks is found here and not on AWS: this machine's packages are out of reach."""
    found = in_lab(tmp_path, lambda lab: lab.result(do="find", modules=["boto3", "moto", "pytest"]))
    assert found == [True, False, False]


def test_the_environment_is_lambdas_and_not_this_machines(tmp_path, monkeypatch):
    """L-06."""
    monkeypatch.setenv("SECRET_OF_THE_HOST", "x")
    seen = in_lab(tmp_path, lambda lab: lab.result(do="environ"), environment={"MINE": "1"})
    assert seen["MINE"] == "1"
    assert seen["AWS_EXECUTION_ENV"] == "AWS_Lambda_python3.11"
    assert seen["AWS_LAMBDA_FUNCTION_NAME"] == "f"
    assert seen["TZ"] == ":UTC"
    assert "SECRET_OF_THE_HOST" not in seen


def test_an_asynchronous_event_is_retried_on_the_sandboxs_clock(tmp_path):
    """L-25: a minute, then two, with the same request id."""

    async def act(lab):
        ended: asyncio.Queue = asyncio.Queue()
        waiting = lab.clock.watch_timers()
        lab.journal.subscribe(lambda event: ended.put_nowait(event) if event["kind"] == "lambda.end" else None)
        accepted = await lab.invoke("Event", do="raise")
        ids = {(await ended.get())["requestId"]}
        for minutes in (1, 2):
            await waiting.get()
            lab.clock.advance(minutes * 60_000)
            ids.add((await ended.get())["requestId"])
        return accepted, ids

    accepted, ids = in_lab(tmp_path, act)
    assert (accepted.status, accepted.payload) == (202, b"")
    assert ids == {accepted.request_id}


def test_a_change_of_configuration_starts_new_environments(tmp_path):
    """A deployment takes effect without a restart."""

    async def act(lab):
        first = await lab.result(do="environ")
        lab.apply(Function(**{**lab.function.__dict__, "environment": {"VERSION": "2"}}))
        return first, await lab.result(do="environ")

    first, second = in_lab(tmp_path, act)
    assert ("VERSION" in first, second["VERSION"]) == (False, "2")


def test_reserved_concurrency_is_a_429(tmp_path):
    """L-27."""
    outcome = in_lab(tmp_path, lambda lab: lab.invoke(), reserved_concurrency=0)
    assert outcome.status == 429
    assert json.loads(outcome.payload)["Reason"] == "ReservedFunctionConcurrentInvocationLimitExceeded"


@pytest.mark.parametrize(
    ("name", "kind", "status", "error"),
    [("f", "RequestResponse", 200, None), ("f", "Event", 202, None), ("f", "DryRun", 204, None),
     ("g", "RequestResponse", 404, "ResourceNotFoundException"), ("f", "Other", 400, "ValidationException")],
)  # fmt: skip
def test_the_invoke_api_answers_as_lambdas(tmp_path, name, kind, status, error):
    """L-25 and the API reference of Invoke."""

    async def act(lab):
        request = HttpRequest(
            method="POST", host="localhost", path=f"/2015-03-31/functions/{name}/invocations", query="",
            headers=(("X-Amz-Invocation-Type", kind),), body=b"{}", source_ip="127.0.0.1",
        )  # fmt: skip
        return await InvokeApi(lab.service).handle(request)

    answer = in_lab(tmp_path, act)
    assert answer.status == status
    assert dict(answer.headers).get("x-amzn-ErrorType") == error


def test_a_handlers_lines_and_lambdas_own_are_in_the_log(tmp_path):
    """L-15: INIT_START, START, the handler's line, END, REPORT."""

    async def act(lab):
        await lab.result()
        await lab.service.stop()
        return [line.line.split(" ")[0].split("\t")[0] for line in lab.service.logs("f")]

    lines = in_lab(tmp_path, act)
    assert lines[:2] == ["INIT_START", "START"]
    assert {"a", "END", "REPORT"} <= set(lines)


CLOCK_HANDLER = """
import time
from datetime import UTC, datetime

def handler(event, context):
    return {
        "time_ms": time.time_ns() // 1_000_000,
        "datetime_ms": round(datetime.now(tz=UTC).timestamp() * 1000),
        "remaining_ms": context.get_remaining_time_in_millis(),
    }
"""


def test_a_handlers_time_is_the_sandboxs_clock(tmp_path):
    """In an environment that was warm when the clock moved, twice, and in one that starts later; its deadline stays."""

    async def act(lab):
        found = [(lab.clock.now_ms(), await lab.result())]
        for _ in range(2):
            lab.clock.advance(6_000_000)
            lab.service.clock_moved()
            found.append((lab.clock.now_ms(), await lab.result()))
        return found

    for clock_ms, result in in_lab(tmp_path, act, code=CLOCK_HANDLER):
        assert 0 <= result["time_ms"] - clock_ms < 5_000
        assert 0 <= result["datetime_ms"] - clock_ms < 5_000
        assert 0 < result["remaining_ms"] <= 5_000
