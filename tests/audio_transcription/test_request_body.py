"""A body that has nothing to give waits once before it says so, and gives at once what comes meanwhile."""

import threading

import pytest
from amazon_transcribe.structures import BufferableByteStream
from audio_processor.request_body import PatientBody


class Inner(BufferableByteStream):  # type: ignore[misc] # the client has no type information
    """The client's own body, which tells that it was found empty."""

    def __init__(self) -> None:
        super().__init__()
        self.found_empty = threading.Semaphore(0)

    def read(self, size: int = -1) -> bytes | None:
        try:
            data: bytes | None = super().read(size)
        except BlockingIOError:
            self.found_empty.release()
            raise
        return data


def test_nothing_is_said_after_one_wait():
    """What the runtime then hears is the same as from the client's own body."""
    inner = Inner()
    body = PatientBody(inner)
    for read in (body.read, body.read1):
        with pytest.raises(BlockingIOError):
            read(100)
        assert [inner.found_empty.acquire(blocking=False) for _ in range(3)] == [True, True, False]


def test_what_comes_in_the_wait_is_given(monkeypatch):
    """However long the wait; in the pieces asked for, through every way to read; its end is an empty read."""
    monkeypatch.setattr("audio_processor.request_body.WAIT_S", 60)
    inner = Inner()
    body = PatientBody(inner)

    def write() -> None:
        inner.found_empty.acquire()
        inner.write(b"abcdef")
        body.more()

    writer = threading.Thread(target=write)
    writer.start()
    into = bytearray(2)
    assert body.read(2) == b"ab"
    writer.join()
    assert (body.readinto1(memoryview(into)), bytes(into)) == (2, b"cd")
    assert (body.readinto(into), bytes(into)) == (2, b"ef")
    inner.end_stream()
    assert body.read(2) == b""
