"""A service that is told to fail does so for functions alone, as a client reads it, and for as long as it was told."""

import pytest
from botocore.retries.standard import ThrottledRetryableChecker

from sandbox.standins.failing import FAILURES, FailingServices

KEY = "ASIA0123456789ABCDEF"
"""Of the form that functions' keys have."""


def asked(failing: FailingServices, service: str, operation: str = "", *, key: str = KEY) -> tuple[int, str] | None:
    scope = f"AWS4-HMAC-SHA256 Credential={key}/20260101/us-east-1/{service}/aws4_request, Signature=0"
    answer = failing.answer(authorization=scope, target=f"Any.{operation}")
    return None if answer is None else (answer.status, dict(answer.headers)["x-amzn-ErrorType"])


def test_so_many_calls_fail_and_no_more():
    """Those of other services, and of whoever deploys, are carried out."""
    failing = FailingServices(lambda: 0)
    failing.order("dynamodb", "ThrottlingException", times=1)
    assert asked(failing, "sqs") is None
    assert asked(failing, "dynamodb", key="test") is None
    assert [asked(failing, "dynamodb") for _ in range(2)] == [(400, "ThrottlingException"), None]


def test_calls_fail_for_a_while_until_it_is_over_or_called_off():
    """By the sandbox's clock."""
    now = [0]
    failing = FailingServices(lambda: now[0])
    failing.order("lambda", "TooManyRequestsException", for_ms=100)
    failing.order("ssm", "InternalServerError", for_ms=100, operation="GetParameter")
    assert asked(failing, "ssm", "PutParameter") is None
    assert asked(failing, "ssm", "GetParameter") == (500, "InternalServerError")
    now[0] = 99
    assert asked(failing, "lambda") == (429, "TooManyRequestsException")
    failing.clear()
    assert asked(failing, "lambda") is None
    now[0] = 100
    assert asked(failing, "ssm", "GetParameter") is None


@pytest.mark.parametrize(("service", "code", "named"), [("s3", "x", "dynamodb, sqs"), ("sqs", "x", "RequestThrottled")])
def test_what_cannot_fail_so_is_refused_with_what_can(service, code, named):
    """A misspelt fault would be a test that tests nothing."""
    with pytest.raises(LookupError, match=named):
        FailingServices(lambda: 0).order(service, code)


@pytest.mark.parametrize(
    ("service", "code"), [(service, code) for service, codes in FAILURES.items() for code in codes]
)
def test_clients_take_each_failure_for_one_to_try_again(service, code):
    """D-10: botocore's standard mode knows throttling by its code and outages by their status."""
    failing = FailingServices(lambda: 0)
    failing.order(service, code)
    status, told = asked(failing, service) or (0, "")
    assert (told == code) and (status in (500, 503) or told in ThrottledRetryableChecker._THROTTLED_ERROR_CODES)
