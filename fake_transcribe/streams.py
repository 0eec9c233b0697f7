"""Every open stream of a server, on whatever connection: they know of each other through the service's core."""

import uuid
from email.utils import formatdate

from fake_transcribe.errors import ServiceException
from fake_transcribe.live_stream import LiveStream, Now, Wire
from fake_transcribe.observer import Observer
from fake_transcribe.service import Asked, Drawn, Opened, Service


class Streams:
    """Opens and ends streams; draws what the core does not."""

    def __init__(self, *, service: Service, clock: Now, observer: Observer, seed: int) -> None:
        self.service = service
        self.observer = observer
        self._clock = clock
        self._seed = seed
        self._live: dict[str, LiveStream] = {}

    @staticmethod
    def new_id() -> str:
        """A request id."""
        return str(uuid.uuid4())

    def open(self, asked: Asked, request_id: str) -> Opened | ServiceException:
        """What the service answers."""
        self._seed += 1
        now_ms = self._clock.now_ms()
        drawn = Drawn(request_id=request_id, session_id=str(uuid.uuid4()), seed=self._seed)
        return self.service.open(asked, now_ms=now_ms, date=formatdate(usegmt=True), drawn=drawn)

    def begin(self, opened: Opened, request_id: str, wire: Wire) -> LiveStream:
        """The opened stream on its connection; the one that it displaces ends."""
        stream = LiveStream(request_id=request_id, opened=opened, wire=wire, clock=self._clock, observer=self.observer)
        self._live[request_id] = stream
        if opened.displaced is not None and opened.displaced in self._live:
            self._live[opened.displaced].poke()
        return stream

    def ended(self, stream: LiveStream) -> None:
        """The stream is over, or its connection is gone."""
        stream.close()
        self.service.closed(stream.request_id)
        self._live.pop(stream.request_id, None)
