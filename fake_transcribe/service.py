"""The service's side of all streams of an account: who may open one, and what it is answered. Pure.

Both transports and the simulator open their streams here, so no rule exists twice.
"""

from collections import deque
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from enum import Enum

from fake_transcribe import errors
from fake_transcribe import request as requests
from fake_transcribe.errors import ServiceException
from fake_transcribe.faults import Faults
from fake_transcribe.limits import Quotas
from fake_transcribe.recordings import Recordings
from fake_transcribe.request import Parameters
from fake_transcribe.session import Session
from fake_transcribe.signing import ChunkChain, SecretLookup, SignedRequest, check_presigned, check_request
from fake_transcribe.stream import StreamBytes

Forbidden = Callable[[str, str], str | None]
"""Says why an access key may not do an IAM action, or None when it may."""

UNKNOWN_OPERATION = ServiceException(name="UnknownOperationException", status=404, message="")


class Transport(Enum):
    """How a stream is carried; the quotas of the two are apart, and so are their IAM actions."""

    HTTP2 = "transcribe:StartStreamTranscription"
    WEBSOCKET = "transcribe:StartStreamTranscriptionWebSocket"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A request for a stream. `headers` have lower-case names, `:authority` among them; `target` is path and query."""

    transport: Transport
    method: str
    target: str
    headers: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """What is new with each request: its id, the session's id where the client gave none, the seed of result ids."""

    request_id: str
    session_id: str
    seed: int


@dataclass(frozen=True, kw_only=True)
class Opened:
    """A stream that has begun. `displaced` is the request id of a stream that it puts an end to."""

    stream: StreamBytes
    session_id: str
    headers: list[tuple[str, str]]
    answer_after_ms: int = 0
    displaced: str | None = None


@dataclass(frozen=True, kw_only=True)
class _Live:
    transport: Transport
    session_id: str
    stream: StreamBytes


@dataclass(kw_only=True)
class Service:
    """One account's streams. Without credentials every signature passes; without `forbidden` every key may stream."""

    recordings: Recordings
    credentials: SecretLookup | None
    forbidden: Forbidden | None = None
    quotas: Quotas = field(default_factory=Quotas)
    faults: Faults = field(default_factory=Faults)
    vocabulary_filters: Mapping[str, Collection[str]] = field(default_factory=dict)
    _live: dict[str, _Live] = field(default_factory=dict)
    _starts_ms: deque[int] = field(default_factory=deque)

    def open(self, asked: Asked, *, now_ms: int, date: str, drawn: Drawn) -> Opened | ServiceException:
        """Answer a request for a stream: signature, permission, parameters, quotas, in this order; `date` is to say."""
        path, _, query = asked.target.partition("?")
        over_http2 = asked.transport is Transport.HTTP2
        if (path, asked.method) != ((requests.PATH, "POST") if over_http2 else (requests.WEBSOCKET_PATH, "GET")):
            return UNKNOWN_OPERATION
        signed = self._signed(asked, path, query, now_ms)
        if isinstance(signed, ServiceException):
            return signed
        if signed is not None and self.forbidden is not None:
            why = self.forbidden(signed.access_key, asked.transport.value)
            if why is not None:
                return errors.access_denied(why)
        fields = requests.fields_of_headers(asked.headers) if over_http2 else requests.fields_of_query(query)
        parameters = requests.parameters(fields, drawn.session_id)
        if isinstance(parameters, ServiceException):
            return parameters
        unknown = [name for name in parameters.vocabulary_filters if name not in self.vocabulary_filters]
        if unknown:
            return errors.bad_request(
                "The requested vocabulary filter couldn't be found. Check the vocabulary filter name and try your "
                "request again."
            )
        displaced = self._same_session(parameters.session_id)
        refused = self._over_quota(asked.transport, displaced, now_ms)
        if refused is not None:
            return refused
        return self._begin(asked.transport, signed, fields, parameters, displaced, now_ms, date, drawn)

    def closed(self, request_id: str) -> None:
        """A stream has ended, in whatever way: it counts no more."""
        self._live.pop(request_id, None)

    def open_streams(self) -> list[str]:
        """The request ids of the streams that are open."""
        return list(self._live)

    def _signed(self, asked: Asked, path: str, query: str, now_ms: int) -> SignedRequest | ServiceException | None:
        if self.credentials is None:
            return None
        if asked.transport is Transport.WEBSOCKET:
            return check_presigned(
                path=path, query=query, headers=asked.headers, secrets=self.credentials, now_ms=now_ms
            )
        return check_request(
            method=asked.method, path=path, query=query, headers=asked.headers, secrets=self.credentials, now_ms=now_ms
        )

    def _same_session(self, session_id: str) -> str | None:
        return next((number for number, live in self._live.items() if live.session_id == session_id), None)

    def _over_quota(self, transport: Transport, displaced: str | None, now_ms: int) -> ServiceException | None:
        over_http2 = transport is Transport.HTTP2
        allowed = self.quotas.http2_streams if over_http2 else self.quotas.websocket_streams
        streams = [key for key, live in self._live.items() if live.transport is transport and key != displaced]
        if len(streams) >= allowed:
            return errors.too_many_streams(allowed)
        while self._starts_ms and self._starts_ms[0] <= now_ms - 1000:
            self._starts_ms.popleft()
        if len(self._starts_ms) >= self.quotas.starts_per_s:
            return errors.OVER_A_LIMIT
        self._starts_ms.append(now_ms)
        return None

    def _begin(
        self,
        transport: Transport,
        signed: SignedRequest | None,
        fields: Mapping[str, str],
        parameters: Parameters,
        displaced: str | None,
        now_ms: int,
        date: str,
        drawn: Drawn,
    ) -> Opened | ServiceException:
        faults = self.faults.next_stream()
        before = [fault for fault in faults if fault.at_ms is None]
        for fault in before:
            if fault.kind == "exception":
                return errors.named(fault.value)
        session = Session(
            library=self.recordings.library,
            scripts=self.recordings.scripts,
            parameters=parameters,
            started_ms=now_ms,
            seed=drawn.seed,
            faults=[fault for fault in faults if fault.at_ms is not None],
            filter_words={
                word.lower() for name in parameters.vocabulary_filters for word in self.vocabulary_filters[name]
            },
        )
        # Audio over WebSocket is not signed, only its URL is.
        over_http2 = transport is Transport.HTTP2
        stream = StreamBytes(
            session=session,
            chain=ChunkChain(signed) if signed is not None and over_http2 else None,
            undecodable=errors.NOT_DECODED if over_http2 else errors.UNEXPECTED_FRAME,
        )
        if displaced is not None:
            self._live.pop(displaced).stream.displace()
        self._live[drawn.request_id] = _Live(transport=transport, session_id=parameters.session_id, stream=stream)
        return Opened(
            stream=stream,
            session_id=parameters.session_id,
            headers=requests.response_headers(fields, parameters, drawn.request_id, date),
            answer_after_ms=sum(int(fault.value) for fault in before if fault.kind == "header-delay"),
            displaced=displaced,
        )


def refusal(exception: ServiceException, request_id: str, body: bytes) -> list[tuple[str, str]]:
    """The response headers of a refusal with this body."""
    return [
        (":status", str(exception.status)),
        ("x-amzn-requestid", request_id),
        ("x-amzn-errortype", exception.name),
        ("content-type", "application/json"),
        ("content-length", str(len(body))),
    ]
