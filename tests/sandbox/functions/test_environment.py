"""An execution environment serves one request at a time, is frozen at rest, and is lost by a timeout or an exit."""

import json

import pytest

from sandbox.functions.effects import Deliver, Freeze, Kill, Log, Request, Restart, Settle, Thaw
from sandbox.functions.environment import Environment, Phase

REQUEST = Request(request_id="r-1", payload=b"{}", trace_id="Root=1", invoked_arn="arn:f")


def environment(*, freeze_after_ms: int = 0) -> Environment:
    return Environment(timeout_s=3, memory_mb=128, started_ms=0, freeze_after_ms=freeze_after_ms)


def idle() -> Environment:
    made = environment()
    made.polled(100)
    return made


def busy() -> Environment:
    made = idle()
    made.give(REQUEST, 1000)
    return made


def kinds(effects):
    return [type(effect) for effect in effects]


def settled(effects) -> Settle:
    return next(effect for effect in effects if isinstance(effect, Settle))


def log(effects) -> list[str]:
    return [effect.line for effect in effects if isinstance(effect, Log)]


def test_it_is_frozen_when_it_polls_with_nothing_to_do():
    """L-08."""
    assert kinds(environment().polled(100)) == [Freeze]


def test_it_is_busy_from_the_requests_delivery_to_its_end():
    one = busy()
    assert one.busy_ms(1_500) == 500
    one.responded("r-1", b"{}", is_error=False, now_ms=1_600, used_mb=1)
    assert (one.busy_ms(1_700), idle().busy_ms(5_000)) == (0, 0)


def test_a_request_given_at_rest_thaws_it_first():
    """L-08: it goes on where it stood."""
    assert kinds(idle().give(REQUEST, 1000)) == [Thaw, Log, Deliver]


def test_a_request_given_during_init_is_delivered_at_the_first_poll():
    """A cold start."""
    made = environment()
    assert made.give(REQUEST, 0) == []
    effects = made.polled(130)
    assert kinds(effects) == [Log, Deliver]
    assert effects[1] == Deliver(request=REQUEST, deadline_ms=130 + 3000)


def test_a_request_is_handed_back_only_while_it_waits_for_the_first_init():
    """The environment goes on for whoever comes next; a second init belongs to the request that waits (L-12)."""
    made = environment()
    made.give(REQUEST, 200)
    made.hand_back()
    assert kinds(made.polled(300)) == [Freeze]
    assert kinds(made.give(REQUEST, 400)) == [Thaw, Log, Deliver]
    again = waiting()
    again.tick(10_000, 50)
    for one in (made, again, environment()):
        with pytest.raises(ValueError, match="waits for the first init"):
            one.hand_back()


def test_one_request_at_a_time():
    """L-10."""
    with pytest.raises(ValueError, match="expected an environment that can take a request"):
        busy().give(REQUEST, 1001)


def test_a_response_settles_and_the_next_poll_freezes():
    """Between the response and the poll it still runs (extensions, loggers)."""
    made = busy()
    effects = made.responded("r-1", b"1", is_error=False, now_ms=1016, used_mb=56)
    assert settled(effects).outcome.payload == b"1"
    assert made.phase is Phase.RETURNING
    assert kinds(made.polled(1017)) == [Freeze]


def test_log_lines_of_a_cold_start():
    """L-15, L-16: the init duration is reported with the first request only, and billed."""
    made = environment()
    made.give(REQUEST, 0)
    made.polled(130)
    assert log(made.responded("r-1", b"1", is_error=False, now_ms=146, used_mb=56)) == [
        "END RequestId: r-1",
        "REPORT RequestId: r-1\tDuration: 16.00 ms\tBilled Duration: 146 ms\tMemory Size: 128 MB\t"
        "Max Memory Used: 56 MB\tInit Duration: 130.00 ms\t",
    ]


def test_an_exception_does_not_end_it():
    """L-11."""
    made = busy()
    effects = made.responded("r-1", b'{"errorType":"E"}', is_error=True, now_ms=1001, used_mb=50)
    assert settled(effects).outcome.function_error == "Unhandled"
    made.polled(1002)
    assert made.can_take


def test_a_timeout_ends_it_with_lambdas_answer():
    """L-13, L-14: at the limit, and not one millisecond before."""
    made = busy()
    assert made.tick(3999, 50) == []
    effects = made.tick(4000, 50)
    assert json.loads(settled(effects).outcome.payload) == {
        "errorType": "Sandbox.Timedout",
        "errorMessage": "RequestId: r-1 Error: Task timed out after 3.00 seconds",
    }
    assert log(effects)[0].endswith("Z r-1 Task timed out after 3.00 seconds")
    assert log(effects)[2].endswith("Status: timeout")
    assert kinds(effects)[-1] is Kill
    assert made.phase is Phase.ENDED


@pytest.mark.parametrize(
    ("exit_code", "reason"),
    [(0, "without providing a reason"), (None, "without providing a reason"), (3, "with error: exit status 3"),
     (-9, "with error: signal: killed"), (-11, "with error: signal: segmentation fault"),
     (-64, "with error: signal: 64")],
)  # fmt: skip
def test_an_exit_during_a_request_is_an_error_of_the_function(exit_code, reason):
    """L-20: its answer and its lines say how the process ended."""
    effects = busy().exited(1200, 40, exit_code)
    message = f"RequestId: r-1 Error: Runtime exited {reason}"
    assert json.loads(settled(effects).outcome.payload) == {"errorType": "Runtime.ExitError", "errorMessage": message}
    assert settled(effects).status == "crash"
    assert log(effects)[:2] == [f"{message}\nRuntime.ExitError", "END RequestId: r-1"]
    assert "\tMax Memory Used: 40 MB\t" in log(effects)[2]
    assert log(effects)[2].endswith("Status: error\tError Type: Runtime.ExitError")


def test_a_process_at_its_functions_memory_lives_and_one_past_it_is_killed():
    """L-20, L-31: Lambda's answer for it is an exit, its REPORT says what it was."""
    made = busy()
    assert made.memory_used(1100, 128) == []
    effects = made.memory_used(1200, 129)
    assert json.loads(settled(effects).outcome.payload)["errorMessage"].endswith("signal: killed")
    assert log(effects)[2].endswith("Status: error\tError Type: Runtime.OutOfMemory")
    assert "Max Memory Used: 128 MB" in log(effects)[2]
    assert kinds(effects)[-1] is Kill


def test_an_answer_that_took_too_much_memory_never_comes():
    """Between two looks it could allocate and free; AWS would have killed it there."""
    effects = busy().responded("r-1", b"1", is_error=False, now_ms=1016, used_mb=129)
    assert settled(effects).outcome.function_error == "Unhandled"
    assert kinds(effects)[-1] is Kill


def test_memory_is_looked_at_only_where_code_runs():
    """A frozen environment takes nothing new."""
    assert idle().memory_used(1100, 4000) == []


def waiting() -> Environment:
    made = environment()
    made.give(REQUEST, 0)
    return made


def test_an_init_that_takes_ten_seconds_is_tried_again_within_the_functions_timeout():
    """L-12: at the limit, and not one millisecond before; the second try is part of the invocation."""
    made = waiting()
    assert made.tick(9_999, 0) == []
    effects = made.tick(10_000, 0)
    assert kinds(effects) == [Log, Restart]
    assert log(effects) == ["INIT_REPORT Init Duration: 10000.00 ms\tPhase: init\tStatus: timeout"]
    assert made.tick(12_999, 0) == []
    effects = made.tick(13_000, 0)
    assert settled(effects).status == "timeout"
    assert log(effects)[:2] == [
        "INIT_REPORT Init Duration: 3000.00 ms\tPhase: invoke\tStatus: timeout",
        "START RequestId: r-1 Version: $LATEST",
    ]
    assert "\tDuration: 3000.00 ms\tBilled Duration: 3000 ms\t" in log(effects)[-1]


def test_a_second_init_leaves_less_of_the_timeout_for_the_handler():
    """L-12: the deadline counts from the second init's start, and the report has no init of its own."""
    made = waiting()
    made.tick(10_000, 0)
    effects = made.polled(12_000)
    assert effects[-1] == Deliver(request=REQUEST, deadline_ms=13_000)
    report = log(made.responded("r-1", b"1", is_error=False, now_ms=12_500, used_mb=1))[-1]
    assert "\tDuration: 2500.00 ms\tBilled Duration: 2500 ms\t" in report
    assert "Init Duration" not in report


def test_an_init_error_answers_the_waiting_request_at_the_second_try():
    """L-12, L-20: an import error; the module's code runs twice."""
    payload = b'{"errorType":"Runtime.ImportModuleError"}'
    made = waiting()
    effects = made.init_failed(payload, 80, 30)
    assert kinds(effects) == [Log, Restart]
    assert log(effects) == [
        "INIT_REPORT Init Duration: 80.00 ms\tPhase: init\tStatus: error\tError Type: Runtime.ImportModuleError"
    ]
    effects = made.init_failed(payload, 200, 30)
    assert settled(effects).outcome.payload == payload
    assert log(effects)[0].startswith("INIT_REPORT Init Duration: 120.00 ms\tPhase: invoke\tStatus: error")
    assert log(effects)[-1].endswith("Status: error\tError Type: Runtime.ImportModuleError")
    assert made.phase is Phase.ENDED


@pytest.mark.parametrize(
    "end", [lambda one, at: one.exited(at, 0, 1), lambda one, at: one.memory_used(at, 129)], ids=["exit", "memory"]
)
def test_an_init_that_crashes_is_tried_again_too(end):
    """L-12."""
    made = waiting()
    assert kinds(end(made, 50)) == [Log, Restart]
    effects = end(made, 90)
    assert settled(effects).status == "crash"
    assert made.phase is Phase.ENDED


def test_an_init_without_a_request_is_not_tried_again():
    """Nobody waits: the next request starts an environment of its own."""
    made = environment()
    assert kinds(made.init_failed(b"{}", 50, 0)) == [Log, Kill]
    assert made.phase is Phase.ENDED


def test_a_retired_environment_finishes_what_it_does():
    """New code takes effect without breaking a request under way."""
    made = busy()
    assert made.retire() == []
    made.responded("r-1", b"1", is_error=False, now_ms=1001, used_mb=1)
    assert kinds(made.polled(1002)) == [Kill]
    assert kinds(idle().retire()) == [Kill]


def test_a_response_for_another_request_changes_nothing():
    """L-02: a late post of a request that timed out elsewhere."""
    assert busy().responded("r-0", b"1", is_error=False, now_ms=1, used_mb=1) == []


@pytest.mark.parametrize("make", [environment, idle, busy])
def test_every_input_is_answered_in_every_state(make):
    """No input is an error of the machine's own."""
    for act in (
        lambda one: one.polled(2000),
        lambda one: one.responded("x", b"", is_error=False, now_ms=2000, used_mb=0),
        lambda one: one.init_failed(b"{}", 2000, 0),
        lambda one: one.exited(2000, 0, 1),
        lambda one: one.memory_used(2000, 9999),
        lambda one: one.tick(2000, 0),
        lambda one: one.retire(),
    ):
        assert isinstance(act(make()), list)


def test_at_rest_it_stays_awake_for_a_moment():
    """A request that follows at once finds it so; it is frozen when none has come."""
    made = environment(freeze_after_ms=5)
    assert made.polled(100) == []
    assert kinds(made.give(REQUEST, 104)) == [Log, Deliver]
    assert made.tick(105, 50) == []
    made.responded("r-1", b"1", is_error=False, now_ms=110, used_mb=50)
    assert made.polled(111) == []
    assert made.next_deadline_ms == 116
    assert kinds(made.tick(116, 50)) == [Freeze]
    assert made.next_deadline_ms is None
    assert kinds(made.give(REQUEST, 200)) == [Thaw, Log, Deliver]


def test_an_environment_that_is_awake_at_rest_may_be_ended():
    made = environment(freeze_after_ms=5)
    made.polled(100)
    assert kinds(made.retire()) == [Kill]
    assert made.tick(105, 50) == []
