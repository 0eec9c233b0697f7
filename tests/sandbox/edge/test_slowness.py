"""Requests that are to wait: by a part of their path or target, so many times."""

from sandbox.edge.http import HttpRequest
from sandbox.edge.slowness import Slowness


def request(path: str = "/", target: str = "") -> HttpRequest:
    headers = (("x-amz-target", target),) if target else ()
    return HttpRequest(method="POST", host="h", path=path, query="", headers=headers, body=b"", source_ip="127.0.0.1")


def test_a_rule_is_for_its_operation_and_used_up():
    """By the target of a JSON protocol, in whatever case the header is."""
    slowness = Slowness()
    slowness.add("AmazonSQS.CreateQueue", delay_ms=300, times=2)
    assert slowness.next_ms(request(target="AmazonSQS.SendMessage")) == 0
    assert [slowness.next_ms(request(target="AmazonSQS.CreateQueue")) for _ in range(3)] == [300, 300, 0]


def test_the_first_rule_that_fits_is_met_and_all_can_be_ended():
    """By the path where there is no target."""
    slowness = Slowness()
    slowness.add("functions/a/", delay_ms=1, times=1)
    slowness.add("functions", delay_ms=2, times=5)
    invoke = request(path="/2015-03-31/functions/a/invocations")
    assert [slowness.next_ms(invoke) for _ in range(2)] == [1, 2]
    slowness.clear()
    assert slowness.next_ms(invoke) == 0
