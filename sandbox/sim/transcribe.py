"""Streams to the fake Transcribe's core, in the place of the client's HTTP session: its bytes go in, bytes come back.

The client's serialisers, signers and parsers are the real ones; only the connection is a pair of delays here.
"""

import contextlib
import hmac
import json
import random
from collections.abc import Callable
from concurrent.futures import InvalidStateError
from email.utils import formatdate
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from amazon_transcribe.eventstream import EventSigner
from amazon_transcribe.structures import BufferableByteStream

from fake_transcribe import errors
from fake_transcribe import session as core
from fake_transcribe.errors import ServiceException
from fake_transcribe.observer import Observer
from fake_transcribe.recordings import Recordings
from fake_transcribe.service import Asked, Drawn, Forbidden, Opened, Service, Transport, refusal
from fake_transcribe.signing import SecretLookup
from fake_transcribe.stream import AudioTaken
from sandbox.sim.latency import LatencyModel
from sandbox.sim.scheduler import US_PER_MS, US_PER_S, Alarm, Fiber, Scheduler
from sandbox.sim.trouble import Trouble

FAILS_WITHIN_US = 40 * US_PER_S
FAILURES = (errors.INTERNAL, errors.BY_NAME["ServiceUnavailableException"], errors.BY_NAME["LimitExceededException"])
"""What a stream may end with that is no fault of its client's."""


class TranscribeService:
    """The service's end of every stream of a run."""

    def __init__(
        self,
        *,
        scheduler: Scheduler,
        recordings: Recordings,
        credentials: SecretLookup,
        forbidden: Forbidden,
        observer: Observer,
        latency: LatencyModel,
        chance: random.Random,
        trouble: Trouble,
    ) -> None:
        self.scheduler = scheduler
        self.service = Service(recordings=recordings, credentials=credentials, forbidden=forbidden)
        self.observer = observer
        self.latency = latency
        self.chance = chance
        self.trouble = trouble
        self.exchanges: dict[str, _Exchange] = {}
        self.pumps: list[Fiber] = []

    def session_manager(self, *_: Any, **__: Any) -> "SessionManager":
        """In the place of `AwsCrtHttpSessionManager`."""
        return SessionManager(self)

    def client_methods(self) -> list[tuple[Any, str, Any]]:
        """In the place of the client's own: writing to its body, for which nobody could wait, wakes who reads; and its
        signatures of events are made of a key that is derived once."""
        write, end_stream = BufferableByteStream.write, BufferableByteStream.end_stream

        def write_and_tell(body: Any, data: bytes) -> int:
            written: int = write(body, data)
            self._tell_pumps()
            return written

        def end_and_tell(body: Any) -> None:
            end_stream(body)
            self._tell_pumps()

        return [
            (BufferableByteStream, "write", write_and_tell),
            (BufferableByteStream, "end_stream", end_and_tell),
            (EventSigner, "_hmac", staticmethod(_hmac)),
        ]

    def _tell_pumps(self) -> None:
        """Wake the readers of this environment's bodies; one that has nothing to read rests again."""
        confines = self.scheduler.current().confines
        self.pumps = [pump for pump in self.pumps if not pump.dead]
        for pump in self.pumps:
            if pump.confines is confines:
                self.scheduler.wake(pump)

    def drawn(self) -> Drawn:
        return Drawn(request_id=self._uuid(), session_id=self._uuid(), seed=self.chance.getrandbits(32))

    def draw_failure(self) -> tuple[int, ServiceException] | None:
        """After how long a stream that begins now fails, and with what; or None."""
        trouble = self.trouble
        down = trouble.down_span_us("transcribe")
        if down is not None and trouble.active and self.scheduler.now_us < down[0]:
            return down[0] - self.scheduler.now_us, errors.BY_NAME["ServiceUnavailableException"]
        if not trouble.happens("stream_failed"):
            return None
        return (
            trouble.draw_us("stream_failed", FAILS_WITHIN_US),
            FAILURES[trouble.draw_us("stream_failed", len(FAILURES))],
        )

    def refuses(self) -> bool:
        """Whether the stream that is asked for now is refused."""
        return self.trouble.is_down("transcribe", self.scheduler.now_us) or self.trouble.happens("stream_refused")

    def _uuid(self) -> str:
        digits = f"{self.chance.getrandbits(128):032x}"
        return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"


class SessionManager:
    """One client's way to the service."""

    def __init__(self, service: TranscribeService) -> None:
        self._service = service

    async def make_request(self, url: str, method: str = "GET", headers: Any = None, body: Any = None) -> Any:
        """As `AwsCrtHttpSessionManager.make_request`."""
        from amazon_transcribe.httpsession import AwsCrtHttpResponse

        parts = urlsplit(url)
        asked = Asked(
            transport=Transport.HTTP2,
            method=method,
            target=f"{parts.path}?{parts.query}" if parts.query else parts.path,
            headers={name.lower(): value for name, value in headers} | {":authority": parts.netloc},
        )
        response = AwsCrtHttpResponse()
        _Exchange(self._service, asked, body, response)
        return response


class _Way:
    """One direction of a connection: what is sent arrives later, in order."""

    def __init__(self, service: TranscribeService) -> None:
        self._service = service
        self._last_us = 0

    def send(self, arrive: Callable[[], None], *, median_ms: int | None = None) -> None:
        service = self._service
        way_ms = service.latency.transcribe_way if median_ms is None else median_ms
        at_us = service.scheduler.now_us + service.latency.draw_us(way_ms, service.chance)
        self._last_us = max(self._last_us, at_us)
        service.scheduler.call_at(self._last_us, arrive)


class _Completion:
    """awscrt's stream as the client's response sees it: something that will have been completed."""

    def __init__(self) -> None:
        from concurrent.futures import Future

        self.completion_future: Future[int] = Future()

    def activate(self) -> None:
        """Requests are under way already."""


class _Exchange:
    """One request with its stream, seen from both ends."""

    def __init__(self, service: TranscribeService, asked: Asked, body: Any, response: Any) -> None:
        self._service = service
        self._asked = asked
        self._response = response
        self._completion = _Completion()
        self._there, self._back = _Way(service), _Way(service)
        self._opened: Opened | None = None
        self._stream_id = ""
        self._over = False
        self._alarm: Alarm | None = None
        response._set_stream(self._completion)
        confines: Any = service.scheduler.current().confines
        if confines is not None:
            confines.on_gone.append(self._hung_up)
        self._reader = service.scheduler.spawn(lambda: self._pump(body), name="transcribe body", confines=confines)
        service.pumps.append(self._reader)
        self._there.send(self._open, median_ms=service.latency.transcribe_open)

    def _pump(self, body: Any) -> None:
        """Read the client's body as the AWS Common Runtime does, whenever there is something to read."""
        scheduler = self._service.scheduler
        while not self._over:
            try:
                data = body.read()
            except BlockingIOError:
                scheduler.park()
                continue
            if not data:
                self._there.send(self._ended)
                return
            self._there.send(lambda data=data: self._arrived(data))  # type: ignore[misc] # its default is its type

    # the service's end

    @property
    def _now_ms(self) -> int:
        return self._service.scheduler.now_us // US_PER_MS

    def _open(self) -> None:
        service, now_ms = self._service, self._now_ms
        drawn = service.drawn()
        date = formatdate(now_ms // 1000, usegmt=True)
        opened = (
            errors.BY_NAME["LimitExceededException"]
            if service.refuses()
            else service.service.open(self._asked, now_ms=now_ms, date=date, drawn=drawn)
        )
        if isinstance(opened, ServiceException):
            body = json.dumps({"Message": opened.message}).encode()
            self._headers_back(opened.status, refusal(opened, drawn.request_id, body))
            self._back.send(lambda: self._response._on_body(body))
            self._end_back()
            service.observer.exception(drawn.request_id, opened.name, opened.message)
            return
        self._opened, self._stream_id = opened, drawn.request_id
        service.exchanges[drawn.request_id] = self
        self._headers_back(200, opened.headers)
        service.observer.stream_opened(drawn.request_id, opened.session_id)
        failure = service.draw_failure()
        if failure is not None:
            service.scheduler.call_at(service.scheduler.now_us + failure[0], lambda: self._fail(failure[1]))
        self._arm()
        if opened.displaced in service.exchanges:
            service.exchanges[opened.displaced]._tick()

    def _arrived(self, data: bytes) -> None:
        if self._opened is not None and not self._over:
            self._carry_out(self._opened.stream.receive(data, self._now_ms))

    def _ended(self) -> None:
        if self._opened is not None and not self._over:
            self._carry_out(self._opened.stream.end_of_body(self._now_ms))

    def _fail(self, exception: ServiceException) -> None:
        if self._opened is not None and not self._over:
            self._carry_out(list(self._opened.stream.session.fail(exception)))

    def _hung_up(self) -> None:
        """The client's process is gone."""
        if self._opened is not None and not self._over:
            self._close()

    def _tick(self) -> None:
        self._alarm = None
        if self._opened is not None and not self._over:
            self._carry_out(self._opened.stream.tick(self._now_ms))

    def _carry_out(self, outputs: "list[core.Output | AudioTaken]") -> None:
        observer = self._service.observer
        for output in outputs:
            match output:
                case AudioTaken():
                    observer.audio(self._stream_id, output.position_ms, output.size, output.digest)
                case core.SendResult(data=data):
                    self._data_back(data)
                    observer.result(self._stream_id, output.result, is_partial=output.is_partial)
                case core.SendHeartbeat(data=data) | core.SendFault(data=data):
                    self._data_back(data)
                case core.SendException(data=data, exception=exception):
                    self._data_back(data)
                    observer.exception(self._stream_id, exception.name, exception.message)
                    self._end_back()
                    self._close()
                case core.End():
                    self._end_back()
                    self._close()
                case core.Disconnect():
                    self._end_back()
                    self._close()
                case core.GoAway():
                    """Nothing to the client's response: it is the connection's."""
        self._arm()

    def _arm(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        assert self._opened is not None
        deadline_ms = self._opened.stream.next_deadline_ms
        if deadline_ms is not None and not self._over:
            self._alarm = self._service.scheduler.call_at(deadline_ms * US_PER_MS, self._tick)

    def _close(self) -> None:
        self._over = True
        self._service.scheduler.wake(self._reader)
        del self._service.exchanges[self._stream_id]
        self._service.service.closed(self._stream_id)
        self._service.observer.stream_closed(self._stream_id)

    # the client's end

    def _headers_back(self, status: int, headers: list[tuple[str, str]]) -> None:
        shown = [(name, value) for name, value in headers if not name.startswith(":")]
        self._back.send(lambda: self._response._on_headers(status, shown))

    def _data_back(self, data: bytes) -> None:
        self._back.send(lambda: self._received(data))

    def _received(self, data: bytes) -> None:
        # A reader that was cancelled has left its future behind. awscrt writes off what a callback raises, and ends the
        # stream, of which nobody reads any more.
        with contextlib.suppress(InvalidStateError):
            self._response._on_body(data)

    def _end_back(self) -> None:
        self._back.send(lambda: self._completion.completion_future.set_result(200))


@lru_cache(maxsize=16)
def _hmac(key: bytes, text: bytes) -> bytes:
    """As the client's, which derives the day's key anew for each event: by four hashes that are always the same."""
    return hmac.digest(key, text, "sha256")
