"""Tracebacks are found in whatever form a function's log has them, and nothing else is taken for one."""

import json

import pytest

from sandbox.functions.tracebacks import Tracebacks
from tests.sandbox.functions.lab import in_lab

TRACE = 'Traceback (most recent call last):\n  File "/var/task/app.py", line 3, in handler\n    return 1 / 0'


def shown(*lines, stream="one"):
    tracebacks = Tracebacks()
    return [text for line in lines if (text := tracebacks.take(stream, line)) is not None]


def test_an_uncaught_exception_as_the_runtime_client_writes_it(tmp_path):
    """L-18: one line with carriage returns, from a real environment."""

    async def act(lab):
        await lab.result(do="stack")
        return [line.line for line in lab.service.log_book.lines("f")]

    (text,) = shown(*in_lab(tmp_path, act))
    assert text.startswith("LookupError: deep\nTraceback (most recent call last):\n  File ")
    assert text.endswith('    raise LookupError("deep")')


def test_a_structured_line_with_its_exception():
    """As Powertools writes what `logger.exception` is given."""
    line = json.dumps({"level": "ERROR", "message": "failed", "exception": f"{TRACE}\nZeroDivisionError: by zero"})
    assert shown(line) == [f"failed\n{TRACE}\nZeroDivisionError: by zero"]


def test_lambdas_own_structured_format():
    """LogFormat JSON."""
    line = json.dumps(
        {"level": "ERROR", "errorType": "ValueError", "errorMessage": "no", "stackTrace": ['  File "app.py"\n']}
    )
    assert shown(line) == ['ValueError: no\nTraceback (most recent call last):\n  File "app.py"']


def test_lines_of_its_own_until_the_exceptions_name():
    """`traceback.print_exc()`, with another environment's lines between."""
    tracebacks = Tracebacks()
    texts = [tracebacks.take("one", line) for line in TRACE.split("\n")]
    assert texts == [None] * 3
    assert tracebacks.take("two", "quite well") is None
    assert tracebacks.take("one", "ZeroDivisionError: by zero") == f"{TRACE}\nZeroDivisionError: by zero"
    assert tracebacks.take("one", "quite well again") is None


@pytest.mark.parametrize(
    "line",
    [
        "2026-11-25T10:15:30.123Z 7c1e Task timed out after 3.00 seconds",
        "RequestId: 7c1e Error: Runtime exited with error: exit status 3\nRuntime.ExitError",
    ],
)
def test_an_environment_that_came_to_no_answer(line):
    """There is no traceback, and there is something to see."""
    assert shown(line) == [line]


@pytest.mark.parametrize(
    "line",
    [
        "START RequestId: 7c1e Version: $LATEST", "[ERROR]\tno more than a line of logging", "{not json",
        '{"level": "INFO", "message": "refused", "code": "INVALID_MESSAGE"}', "  File of no traceback",
    ],
)  # fmt: skip
def test_lines_that_are_no_traceback(line):
    """Each stays in the log alone."""
    assert shown(line) == []
