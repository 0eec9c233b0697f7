"""The Invoke API over HTTP: statuses, headers, bodies and refusals as Lambda's."""

import base64
import json

import pytest

from sandbox.functions import limits
from tests.sandbox.functions.lab import in_lab

ARN = "arn:aws:lambda:us-east-1:123456789012:function:f"


@pytest.mark.parametrize(
    ("name", "kind", "status", "error"),
    [("f", "RequestResponse", 200, None), ("f", "Event", 202, None), ("f", "DryRun", 204, None),
     ("g", "RequestResponse", 404, "ResourceNotFoundException"), ("f", "Other", 400, "ValidationException")],
)  # fmt: skip
def test_the_invoke_api_answers_as_lambdas(tmp_path, name, kind, status, error):
    """L-25 and the API reference of Invoke."""
    answer = in_lab(tmp_path, lambda lab: lab.api(name, X_Amz_Invocation_Type=kind))
    assert answer.status == status
    assert dict(answer.headers).get("x-amzn-ErrorType") == error


@pytest.mark.parametrize(
    ("name", "query", "suffix"),
    [("f", "", ""), ("f", "Qualifier=%24LATEST", ":$LATEST"), ("f%3A%24LATEST", "", ":$LATEST"),
     (ARN.replace(":", "%3A"), "", "")],
)  # fmt: skip
def test_the_invoked_arn_is_qualified_as_the_call_was(tmp_path, name, query, suffix):
    """L-07."""
    answer = in_lab(tmp_path, lambda lab: lab.api(name, query=query, body=b'{"do":"context"}'))
    assert json.loads(answer.body)["arn"] == ARN + suffix
    assert dict(answer.headers)["X-Amz-Executed-Version"] == "$LATEST"


def test_an_unknown_qualifier_is_an_unknown_function(tmp_path):
    """The API reference of Invoke: the ARN with its qualifier."""
    answer = in_lab(tmp_path, lambda lab: lab.api(query="Qualifier=PROD"))
    assert answer.status == 404
    assert json.loads(answer.body)["message"] == f"Function not found: {ARN}:PROD"


def test_a_client_context_reaches_the_handler(tmp_path):
    """L-01: base64 on the API, JSON at the Runtime API; anything else is refused."""
    encoded = base64.b64encode(json.dumps({"custom": {"k": "v\n"}}).encode()).decode()

    async def act(lab):
        good = await lab.api(body=b'{"do":"context"}', X_Amz_Client_Context=encoded)
        return json.loads(good.body)["client"], await lab.api(X_Amz_Client_Context="no base64")

    seen, refused = in_lab(tmp_path, act)
    assert seen == {"k": "v\n"}
    assert (refused.status, dict(refused.headers)["x-amzn-ErrorType"]) == (400, "InvalidRequestContentException")


def test_the_log_tail_is_one_invocations(tmp_path):
    """The API reference of Invoke: base64 of the last 4 KB, from START to REPORT."""

    async def act(lab):
        await lab.result()
        return await lab.api(X_Amz_Log_Type="Tail")

    headers = dict(in_lab(tmp_path, act).headers)
    lines = base64.b64decode(headers["X-Amz-Log-Result"]).decode().splitlines()
    assert [line.split(" ")[0] for line in lines] == ["START", "a", "END", "REPORT"]
    assert headers["x-amzn-RequestId"] in lines[0]


def test_an_exception_answers_with_its_type_its_text_and_its_stack(tmp_path):
    """L-17."""
    answer = in_lab(tmp_path, lambda lab: lab.api(body=b'{"do":"stack"}'))
    body = json.loads(answer.body)
    assert (answer.status, dict(answer.headers)["X-Amz-Function-Error"]) == (200, "Unhandled")
    assert (body["errorMessage"], body["errorType"], "requestId" in body) == ("deep", "LookupError", True)
    assert ["in failing" in one for one in body["stackTrace"]] == [False, True]


@pytest.mark.parametrize(
    ("kind", "limit"), [("RequestResponse", limits.SYNC_PAYLOAD_BYTES), ("Event", limits.ASYNC_PAYLOAD_BYTES)]
)
def test_a_payload_at_its_limit_is_taken_and_one_byte_more_is_413(tmp_path, kind, limit):
    """L-22."""

    async def act(lab):
        sizes = (limit, limit + 1)
        return [await lab.api(body=b'"' + b"x" * (size - 2) + b'"', X_Amz_Invocation_Type=kind) for size in sizes]

    code = "def handler(event, context): return len(event)"
    taken, refused = in_lab(tmp_path, act, code=code)
    assert taken.status in (200, 202)
    assert kind == "Event" or taken.body == str(limit - 2).encode()
    assert (refused.status, dict(refused.headers)["x-amzn-ErrorType"]) == (413, "RequestEntityTooLargeException")


def test_a_result_that_is_too_large_is_an_error_of_the_function(tmp_path):
    """L-23: one byte past the limit; at the limit it passes."""
    code = "def handler(event, context): return 'x' * (event['size'] - 2)"

    async def act(lab):
        sizes = (limits.RESPONSE_PAYLOAD_BYTES, limits.RESPONSE_PAYLOAD_BYTES + 1)
        return [await lab.api(body=json.dumps({"size": size}).encode()) for size in sizes]

    passed, refused = in_lab(tmp_path, act, code=code)
    assert len(passed.body) == limits.RESPONSE_PAYLOAD_BYTES
    assert json.loads(refused.body)["errorType"] == "Function.ResponseSizeTooLarge"


def test_a_runtime_whose_result_was_too_large_is_lost(tmp_path):
    """L-02, L-11: it is answered 413, says so in its log, and ends; the next invocation has a new environment."""
    code = (
        "calls = 0\ndef handler(event, context):\n    global calls\n    calls += 1\n"
        "    return 'x' * event['size'] if event['size'] else calls"
    )

    async def act(lab):
        sizes = (0, 0, limits.RESPONSE_PAYLOAD_BYTES, 0)
        return [await lab.api(body=json.dumps({"size": size}).encode()) for size in sizes], [
            one.line for one in lab.service.log_book.lines(None)
        ]

    (first, second, _, after), lines = in_lab(tmp_path, act, code=code)
    assert [one.body for one in (first, second, after)] == [b"1", b"2", b"1"]
    assert any("Http response code: 413" in line for line in lines)


def test_a_result_that_is_no_json_is_a_marshalling_error(tmp_path):
    """L-20."""
    answer = in_lab(tmp_path, lambda lab: lab.api(), code="def handler(event, context): return object()")
    assert json.loads(answer.body)["errorType"] == "Runtime.MarshalError"


@pytest.mark.parametrize(
    ("code", "handler", "error_type", "message"),
    [
        ("x = 1", "app.handler", "Runtime.HandlerNotFound", "Handler 'handler' missing on module 'app'"),
        ("def f(:", "app.handler", "Runtime.UserCodeSyntaxError", "Syntax error in module 'app'"),
        ("x = 1", "app", "Runtime.MalformedHandlerName", "Bad handler 'app'"),
    ],
)
def test_a_handler_that_cannot_be_loaded_is_reported_as_lambda_does(tmp_path, code, handler, error_type, message):
    """L-20."""
    body = json.loads(in_lab(tmp_path, lambda lab: lab.api(), code=code, handler=handler).body)
    assert body["errorType"] == error_type
    assert body["errorMessage"].startswith(message)
