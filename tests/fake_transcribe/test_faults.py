"""Faults on demand: how they are written, and for which streams they are."""

import json

import pytest

from fake_transcribe import admin
from fake_transcribe.errors import FaultError
from fake_transcribe.faults import Fault, Faults, parse
from fake_transcribe.service import Service
from tests.fake_transcribe.served import LOADED


@pytest.mark.parametrize(
    ("text", "fault", "streams"),
    [
        ("exception=LimitExceededException", Fault(kind="exception", value="LimitExceededException"), 1),
        ("exception=ConflictException@1500", Fault(kind="exception", value="ConflictException", at_ms=1500), 1),
        ("header-delay=800*3", Fault(kind="header-delay", value="800"), 3),
        ("reset@0", Fault(kind="reset", at_ms=0), 1),
        ("bad-crc@2000*2", Fault(kind="bad-crc", at_ms=2000), 2),
    ],
)  # fmt: skip
def test_a_fault_is_written_with_its_value_its_moment_and_its_streams(text, fault, streams):
    """T-34, T-35, T-36."""
    ordered = parse(text)
    assert (ordered.fault, ordered.streams) == (fault, streams)
    assert Faults([ordered]).waiting() == [text]


@pytest.mark.parametrize("text", ["", "exception", "reset", "reset=1@0", "header-delay=x", "nonsense@1", "reset@-1"])
def test_what_is_no_fault_is_refused_with_what_was_expected(text):
    """One line, with an example."""
    with pytest.raises(FaultError, match="expected a fault as KIND"):
        parse(text)


def test_a_fault_is_for_as_many_streams_as_it_says():
    """And then for none."""
    faults = Faults([parse("reset@5*2"), parse("goaway@1")])
    assert [[one.kind for one in faults.next_stream()] for _ in range(3)] == [["reset", "goaway"], ["reset"], []]


def service() -> Service:
    return Service(recordings=LOADED, credentials=None)


def test_faults_are_ordered_shown_and_forgotten_while_the_fake_runs():
    """The fake's own route."""
    made = service()
    body = json.dumps(["reset@5*2", "goaway@1"]).encode()
    assert admin.answer(made, "POST", body) == (200, {"faults": ["reset@5*2", "goaway@1"], "streams": 0})
    assert admin.answer(made, "DELETE", b"") == (200, {"faults": [], "streams": 0})


@pytest.mark.parametrize("body", [b"", b"{}", b"[1]", b'["reset"]', b'["reset@1", "nonsense"]', b"\xff"])
def test_a_bad_order_is_a_400_and_orders_nothing(body):
    """Not even what was good in it."""
    made = service()
    status, document = admin.answer(made, "POST", body)
    assert status == 400
    assert document["message"].startswith("expected ")
    assert made.faults.waiting() == []
