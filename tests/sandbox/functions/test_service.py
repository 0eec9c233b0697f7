"""Real processes on AWS's runtime client behave as Lambda's environments do."""

import asyncio
import json
import os
import re
import sys

import pytest

from sandbox.definitions.model import Function
from tests.sandbox.functions.lab import HANDLER, in_lab


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
        doors = []

        async def arrive(_reader, writer):
            doors.append(writer)
            if len(doors) == 2:
                for door in doors:
                    door.write(b"1")
                    door.close()

        server = await asyncio.start_server(arrive, "127.0.0.1", 0)
        async with server:
            port = server.sockets[0].getsockname()[1]
            return await asyncio.gather(lab.result(do="meet", port=port), lab.result(do="meet", port=port))

    one, other = in_lab(tmp_path, act)
    assert one["pid"] != other["pid"]


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="processes choose their processors on Linux")
@pytest.mark.parametrize("memory_mb", [1768, 1769])
def test_the_threads_of_a_function_with_less_than_a_processor_share_one(tmp_path, memory_mb):
    """While there are any: the next invocation may begin anywhere."""

    async def act(lab):
        return await lab.result(do="processors"), await lab.result(do="processors")

    # Its own has a thread that never ends.
    quiet = HANDLER.replace("threading.Thread(target=background, daemon=True).start()", "")
    seen = in_lab(tmp_path, act, memory_mb=memory_mb, code=quiet)
    every = len(os.sched_getaffinity(0))
    assert seen == ([every, 1 if memory_mb < 1769 else every],) * 2


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
    assert gone["errorMessage"].endswith("Error: Runtime exited with error: exit status 3")
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
    assert json.loads(outcome.payload) == {
        "Reason": "ReservedFunctionConcurrentInvocationLimitExceeded", "Type": "User", "message": "Rate Exceeded.",
    }  # fmt: skip


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


@pytest.mark.skipif(sys.platform != "linux", reason="the peak of a process's memory is Linux's /proc")
@pytest.mark.parametrize("hold_s", [0, 30])
def test_too_much_memory_loses_the_environment(tmp_path, hold_s):
    """L-11, L-20: whether it is held or already given back when it answers."""

    async def act(lab):
        first = await lab.result()
        gone = await lab.result(do="grow", mb=256, hold_s=hold_s)
        return first, gone, await lab.result()

    first, gone, after = in_lab(tmp_path, act, timeout_s=40)
    assert gone["errorType"] == "Runtime.ExitError"
    assert gone["errorMessage"].endswith("Error: Runtime exited with error: signal: killed")
    assert after["pid"] != first["pid"]


def test_memory_within_the_functions_is_reported(tmp_path):
    """L-15."""

    async def act(lab):
        await lab.result(do="grow", mb=64)
        return lab.service.log_book.lines("f")[-1].line

    used = re.search(r"Memory Size: 512 MB\tMax Memory Used: (\d+) MB", in_lab(tmp_path, act, memory_mb=512))
    assert used is not None
    assert sys.platform != "linux" or 64 <= int(used[1]) < 512


COUNTED_IMPORT = """
print("loading")
import nowhere_to_be_found
"""


def test_a_failing_module_is_loaded_twice(tmp_path):
    """L-12: the init fails, and is tried again as part of the invocation."""

    async def act(lab):
        answer = await lab.result()
        return answer, [line.line for line in lab.service.log_book.lines("f")]

    answer, lines = in_lab(tmp_path, act, code=COUNTED_IMPORT)
    reports = [line for line in lines if line.startswith("INIT_REPORT")]
    assert answer["errorType"] == "Runtime.ImportModuleError"
    assert lines.count("loading") == 2
    assert [one.split("\t")[1:] for one in reports] == [
        [f"Phase: {phase}", "Status: error", "Error Type: Runtime.ImportModuleError"] for phase in ("init", "invoke")
    ]
