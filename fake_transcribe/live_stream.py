"""One open stream in the live world: its core, its timer, and who is told; the connection under it is a `Wire`."""

import asyncio
from collections.abc import Sequence
from typing import Protocol

from fake_transcribe import session as core
from fake_transcribe.errors import ServiceException
from fake_transcribe.observer import Observer
from fake_transcribe.service import Opened
from fake_transcribe.stream import AudioTaken


class Now(Protocol):
    """The clock that signatures and timeouts go by."""

    def now_ms(self) -> int: ...


class Wire(Protocol):
    """What a stream asks of its connection."""

    def send(self, data: bytes) -> None:
        """Send one event-stream message."""

    def finish(self, exception: ServiceException | None) -> None:
        """The stream is over; an exception was sent before. Once everything is sent, say so."""

    def go_away(self) -> None:
        """Announce the connection's end."""

    def reset(self) -> None:
        """Cut the connection off."""

    def was_read(self, unread_bytes: int) -> None:
        """All that came but this much was read: grant so much more."""


class LiveStream:
    """Feeds a stream's core from a connection and carries its outputs out."""

    def __init__(self, *, request_id: str, opened: Opened, wire: Wire, clock: Now, observer: Observer) -> None:
        self.request_id = request_id
        self.closed = False
        self._bytes = opened.stream
        self._wire = wire
        self._clock = clock
        self._observer = observer
        self._timer: asyncio.TimerHandle | None = None
        observer.stream_opened(request_id, opened.session_id)
        self._arm()

    @property
    def ending(self) -> bool:
        """The client has said that no more audio comes."""
        return self._bytes.ending

    def receive(self, data: bytes) -> None:
        """Bytes of the body."""
        self._carry_out(self._bytes.receive(data, self._clock.now_ms()))

    def receive_message(self, data: bytes) -> None:
        """One whole message."""
        self._carry_out(self._bytes.receive_message(data, self._clock.now_ms()))

    def end_message(self) -> None:
        """The client said that no more audio comes."""
        self._carry_out(self._bytes.end_message(self._clock.now_ms()))

    def end_of_body(self) -> None:
        """No more bytes come."""
        self._carry_out(self._bytes.end_of_body(self._clock.now_ms()))

    def fail(self, exception: ServiceException) -> None:
        """The transport found a fault."""
        self._carry_out(self._bytes.session.fail(exception))

    def poke(self) -> None:
        """Something outside changed the stream: do what is due."""
        self._carry_out(self._bytes.tick(self._clock.now_ms()))

    def close(self) -> None:
        """The stream is over, or its connection is gone."""
        if not self.closed:
            self.closed = True
            self._disarm()
            self._observer.stream_closed(self.request_id)

    def _carry_out(self, outputs: Sequence[core.Output | AudioTaken]) -> None:
        if self.closed:
            return
        for output in outputs:
            self._carry_out_one(output)
        self._wire.was_read(self._bytes.unread_bytes)
        self._arm()

    def _carry_out_one(self, output: core.Output | AudioTaken) -> None:
        match output:
            case AudioTaken():
                self._observer.audio(self.request_id, output.position_ms, output.size, output.digest)
            case core.SendResult():
                self._wire.send(output.data)
                self._observer.result(self.request_id, output.result, is_partial=output.is_partial)
            case core.SendHeartbeat() | core.SendFault():
                self._wire.send(output.data)
            case core.SendException():
                self._wire.send(output.data)
                self._observer.exception(self.request_id, output.exception.name, output.exception.message)
                self.close()
                self._wire.finish(output.exception)
            case core.GoAway():
                self._wire.go_away()
            case core.End():
                self.close()
                self._wire.finish(None)
            case core.Disconnect():
                self.close()
                self._wire.reset()

    def _arm(self) -> None:
        self._disarm()
        deadline_ms = self._bytes.next_deadline_ms
        if deadline_ms is not None and not self.closed:
            delay_s = max(0, deadline_ms - self._clock.now_ms()) / 1000
            self._timer = asyncio.get_running_loop().call_later(delay_s, self.poke)

    def _disarm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
