"""Route `sendAudio`: check a chunk and put it into its session's queue. In the steady state one AWS call a chunk."""

import json
import logging
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

from broadcast import events
from broadcast.connections import ConnectionRecord
from broadcast.errors import Refusal
from broadcast.events import Caller
from broadcast.sessions import Session

from audio_processor import audio_message, limits
from audio_processor.audio_message import AudioMessage
from audio_processor.invocation import StreamWorkerRequest
from audio_processor.rate_window import RateWindow

log = logging.getLogger(__name__)


class IngestPorts(Protocol):
    """What ingest asks of the world."""

    def connection(self, connection_id: str) -> ConnectionRecord | None:
        """Raises Refusal SERVICE_UNAVAILABLE when the table does not answer to one short attempt."""
        ...

    def session(self, session_id: str) -> Session | None:
        """As `connection`."""
        ...

    def send(self, queue_url: str, body: str) -> None:
        """Put a message into a queue.

        Raises Refusal SESSION_NOT_FOUND when the queue is gone, SERVICE_UNAVAILABLE when the call fails.
        """
        ...

    def note_audio(self, session_id: str, now_ms: int) -> bool:
        """Note the session's first chunk; False when one was noted before, or the session has ended. As `session`."""
        ...

    def claim_start(self, session_id: str, now_ms: int) -> bool:
        """Whether it falls to the caller to start the session's worker: nobody has lately. False in doubt."""
        ...

    def start_worker(self, request: StreamWorkerRequest) -> None: ...

    def refuse(self, caller: Caller, refusal: Refusal) -> None: ...


@dataclass(kw_only=True)
class _Known:
    """What is remembered of a connection, until `stale_at_ms`; in want of anything newer, until `useless_at_ms`."""

    connection: ConnectionRecord | None
    session: Session | None
    stale_at_ms: int
    useless_at_ms: int


@dataclass(kw_only=True)
class _Rate:
    """One connection's rate in this environment. `refused`: chunks refused since the last that was taken."""

    window: RateWindow
    refused: int = 0


class Ingest:
    """Lives as long as its execution environment; knows the connections that it has served lately."""

    def __init__(self, ports: IngestPorts, now_ms: Callable[[], int]) -> None:
        self._ports = ports
        self._now_ms = now_ms
        self._known: OrderedDict[str, _Known] = OrderedDict()
        self._rates: OrderedDict[str, _Rate] = OrderedDict()

    def handle(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """The answer to the gateway; refusals go to the sender as `error` messages."""
        caller = events.caller(event)
        try:
            self._take(caller, event)
        except Refusal as refusal:
            log.info("refused %s: %s", refusal.code, refusal.message)
            self._ports.refuse(caller, refusal)
        return {"statusCode": 200}

    def _take(self, caller: Caller, event: Mapping[str, Any]) -> None:
        if caller.role != "speaker":
            raise Refusal("UNAUTHORIZED_ACTION", f"sendAudio: expected a speaker, got {caller.role or 'nobody'}")
        now_ms = self._now_ms()
        # The gateway's time, not ours: a function that is slow to begin must not slow the count.
        arrived_at_ms = int(event["requestContext"].get("requestTimeEpoch", now_ms))
        rate = self._checked_rate(caller.connection_id, arrived_at_ms)
        message = audio_message.read(events.body(event))
        try:
            self._accept(caller, message, rate, now_ms=now_ms, arrived_at_ms=arrived_at_ms)
        except Refusal as refusal:
            # Which chunk it was, so that the speaker can send it again.
            raise Refusal(refusal.code, refusal.message, {"seq": message.seq}) from None

    def _accept(self, caller: Caller, message: AudioMessage, rate: _Rate, *, now_ms: int, arrived_at_ms: int) -> None:
        session = self._session_of(caller, now_ms)
        if session.audioAtMs == 0:
            session = self._first_heard(caller, session, now_ms)
        body = {
            "seq": message.seq,
            "audio": message.audio,
            "receivedAtMs": now_ms,
            "arrivedAtMs": arrived_at_ms,
            "connectionId": caller.connection_id,
        }
        if rate.refused:
            body["refusedBefore"] = rate.refused
        self._ports.send(session.queueUrl, json.dumps(body, separators=(",", ":")))
        rate.refused = 0

    def _first_heard(self, caller: Caller, session: Session, now_ms: int) -> Session:
        """Note a first chunk before it is accepted: a session that ends without one has no words to wait for."""
        if self._ports.note_audio(session.sessionId, now_ms):
            self._known[caller.connection_id].session = replace(session, audioAtMs=now_ms)
            return session
        # Another environment was first, or the session has ended meanwhile.
        self._known.pop(caller.connection_id, None)
        return self._session_of(caller, now_ms)

    def _checked_rate(self, connection_id: str, arrived_at_ms: int) -> _Rate:
        rate = self._rates.get(connection_id)
        if rate is None:
            window = RateWindow(limit=limits.CHUNKS_PER_S + limits.RATE_SPARE, window_ms=limits.RATE_WINDOW_MS)
            rate = _Rate(window=window)
            self._rates[connection_id] = rate
            if len(self._rates) > limits.INGEST_CACHE_ENTRIES:
                self._rates.popitem(last=False)
        if not rate.window.allow(arrived_at_ms):
            rate.refused += 1
            raise Refusal("RATE_LIMIT_EXCEEDED", f"sendAudio: expected at most {limits.CHUNKS_PER_S} chunks a second")
        return rate

    def _session_of(self, caller: Caller, now_ms: int) -> Session:
        """The live session that this connection speaks in."""
        known = self._known.get(caller.connection_id)
        if known is None or now_ms >= known.stale_at_ms:
            known = self._fresh(caller, known, now_ms)
        if known.connection is None or known.connection.role != "speaker":
            raise Refusal("UNAUTHORIZED_ACTION", "sendAudio: expected a speaker's open connection, got none")
        session = known.session
        if session is None or not session.is_active:
            raise Refusal("SESSION_NOT_FOUND", "sendAudio: expected a live session, create one first")
        if session.speakerConnectionId != caller.connection_id:
            raise Refusal(
                "UNAUTHORIZED_ACTION", "sendAudio: expected the session's own speaker, got another connection"
            )
        return session

    def _fresh(self, caller: Caller, known: _Known | None, now_ms: int) -> _Known:
        """What is true now. A table that does not answer at once is not waited for, since chunks that come late tear
        words apart: what was true lately is taken to be true still, and who is not known sends the chunk again, perhaps
        to an environment that knows it."""
        if known is None:
            return self._look_up(caller, self._ports.connection(caller.connection_id), now_ms)
        try:
            # A speaker's connection stays what it is for as long as its session says that it speaks there.
            found = self._look_up(caller, known.connection, now_ms)
        except Refusal:
            if now_ms >= known.useless_at_ms:
                raise
            known.stale_at_ms = now_ms + limits.INGEST_RETRY_MS
            return known
        return found if caller.connection_id in self._known else self._fresh(caller, None, now_ms)

    def _look_up(self, caller: Caller, connection: ConnectionRecord | None, now_ms: int) -> _Known:
        session_id = connection.sessionId if connection else None
        session = self._ports.session(session_id) if session_id else None
        stale_at_ms = now_ms + limits.INGEST_CACHE_MS
        known = _Known(
            connection=connection,
            session=session,
            stale_at_ms=stale_at_ms,
            useless_at_ms=stale_at_ms + limits.INGEST_STALE_MS,
        )
        owned = session is not None and session.is_active and session.speakerConnectionId == caller.connection_id
        if not owned:
            # A refusal is not remembered: the next message may follow createSession or refresh.
            self._known.pop(caller.connection_id, None)
            return known
        self._known[caller.connection_id] = known
        if len(self._known) > limits.INGEST_CACHE_ENTRIES:
            self._known.popitem(last=False)
        assert session is not None
        if session.leaseExpiresAtMs <= now_ms:
            self._start_worker(session, now_ms)
        return known

    def _start_worker(self, session: Session, now_ms: int) -> None:
        """Have the queue read, unless a worker was asked for lately, which may be starting still."""
        if not self._ports.claim_start(session.sessionId, now_ms):
            return
        self._ports.start_worker(
            StreamWorkerRequest(
                session_id=session.sessionId, queue_url=session.queueUrl, callback_url=session.callbackUrl
            )
        )
