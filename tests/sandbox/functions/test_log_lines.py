"""What a function's log has: the runtime's lines and Lambda's own, in their order and form."""

import re

from tests.sandbox.functions.lab import in_lab


def first_words(lines) -> list[str]:
    return [line.line.split(" ")[0].split("\t")[0] for line in lines]


def test_a_handlers_lines_and_lambdas_own_are_in_order(tmp_path):
    """L-15: INIT_START once; then START, what the handler prints, END and REPORT, each time."""

    async def act(lab):
        for _ in range(20):
            await lab.result()
        return first_words(lab.service.log_book.lines("f"))

    assert in_lab(tmp_path, act) == ["INIT_START", *["START", "a", "END", "REPORT"] * 20]


def test_an_environment_has_a_log_stream_named_by_its_day(tmp_path):
    """L-06, L-15: `YYYY/MM/DD/[$LATEST]` and 32 digits, in its variables, its context and its lines."""

    async def act(lab):
        seen = await lab.result(do="environ")
        context = await lab.result(do="context")
        return seen, context, {line.stream for line in lab.service.log_book.lines("f")}

    seen, context, streams = in_lab(tmp_path, act)
    assert re.fullmatch(r"\d{4}/\d\d/\d\d/\[\$LATEST\][0-9a-f]{32}", context["stream"])
    assert streams == {context["stream"]} == {seen["AWS_LAMBDA_LOG_STREAM_NAME"]}
    assert (context["group"], context["name"], context["version"]) == ("/aws/lambda/f", "f", "$LATEST")
    assert context["memory"] == "128"


def test_an_uncaught_exception_is_one_event_of_the_log(tmp_path):
    """L-18: its lines are joined by carriage returns."""

    async def act(lab):
        await lab.result(do="stack")
        return [line.line for line in lab.service.log_book.lines("f") if line.line.startswith("[ERROR]")]

    (line,) = in_lab(tmp_path, act)
    assert line.startswith("[ERROR] LookupError: deep\rTraceback (most recent call last):\r")


LOGGING_HANDLER = """
import logging
logging.basicConfig(format="mine")
def handler(event, context):
    logging.getLogger().setLevel(logging.INFO)
    logging.info("counted %s", 1)
    print("raw")
    return None
"""


def test_logging_has_lambdas_format_and_print_is_raw(tmp_path):
    """L-19, L-21: the root handler is there before the module is loaded, so `basicConfig` does nothing."""

    async def act(lab):
        answer = await lab.api()
        return answer.body, [line.line for line in lab.service.log_book.lines("f")][2:4]

    payload, (logged, printed) = in_lab(tmp_path, act, code=LOGGING_HANDLER)
    assert payload == b"null"
    assert re.fullmatch(r"\[INFO\]\t\d{4}-\d\d-\d\dT[\d:.]+Z\t[0-9a-f-]{36}\tcounted 1\r?", logged)
    assert printed == "raw"


LOUD_HANDLER = """
def handler(event, context):
    print("x" * 300_000)
    print("no end", end="")
"""


def test_a_line_longer_than_an_event_of_the_log_is_cut(tmp_path):
    """CloudWatch Logs takes 256 KB; a line without an end goes out with the next."""

    async def act(lab):
        await lab.api()
        await lab.api()
        return [len(line.line) for line in lab.service.log_book.lines("f") if line.line.startswith(("x", "no end"))]

    assert in_lab(tmp_path, act, code=LOUD_HANDLER) == [262_144, 37_856, 262_144, 37_862]
