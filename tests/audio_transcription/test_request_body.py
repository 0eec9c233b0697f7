"""A body that has nothing to give waits once before it says so, and gives what came meanwhile."""

import pytest
from amazon_transcribe.structures import BufferableByteStream
from audio_processor.request_body import WAIT_S, PatientBody


def test_nothing_is_said_after_one_wait():
    """The client's own body; what the runtime then hears is the same."""
    waits: list[float] = []
    body = PatientBody(BufferableByteStream(), wait=waits.append)
    for read in (body.read, body.read1):
        with pytest.raises(BlockingIOError):
            read(100)
    assert waits == [WAIT_S, WAIT_S]


def test_what_comes_in_the_wait_is_given():
    """In the pieces asked for, through every way to read; its end is an empty read."""
    inner = BufferableByteStream()
    body = PatientBody(inner, wait=lambda _: inner.write(b"abcdef"))
    into = bytearray(2)
    assert body.read(2) == b"ab"
    assert (body.readinto1(memoryview(into)), bytes(into)) == (2, b"cd")
    assert (body.readinto(into), bytes(into)) == (2, b"ef")
    inner.end_stream()
    assert body.read(2) == b""
