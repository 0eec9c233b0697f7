"""What the service answers when a stream is asked for: a stream and its response headers, or a refusal. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from fake_transcribe import request as requests
from fake_transcribe.errors import ServiceException
from fake_transcribe.recordings import Recordings
from fake_transcribe.session import Session
from fake_transcribe.signing import ChunkChain, SecretLookup, SignedRequest, check_request
from fake_transcribe.stream import StreamBytes


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """What is new with each request: its id, the session's id where the client gave none, the seed of result ids."""

    request_id: str
    session_id: str
    seed: int


@dataclass(frozen=True, kw_only=True)
class Opened:
    """A stream that has begun."""

    stream: StreamBytes
    session_id: str
    headers: list[tuple[str, str]]


def open_stream(
    headers: Mapping[str, str],
    *,
    recordings: Recordings,
    credentials: SecretLookup | None,
    now_ms: int,
    date: str,
    drawn: Drawn,
) -> Opened | ServiceException:
    """Answer a request with these headers (HTTP/2's own among them). Without credentials every signature passes."""
    path, _, query = headers[":path"].partition("?")
    if path != requests.PATH or headers[":method"] != "POST":
        return ServiceException(name="UnknownOperationException", status=404, message="")
    signed: SignedRequest | None = None
    if credentials is not None:
        checked = check_request(path=path, query=query, headers=headers, secrets=credentials)
        if isinstance(checked, ServiceException):
            return checked
        signed = checked
    parameters = requests.parameters(headers, drawn.session_id)
    if isinstance(parameters, ServiceException):
        return parameters
    session = Session(
        library=recordings.library,
        scripts=recordings.scripts,
        parameters=parameters,
        started_ms=now_ms,
        seed=drawn.seed,
    )
    chain = ChunkChain(signed) if signed is not None else None
    return Opened(
        stream=StreamBytes(session=session, chain=chain),
        session_id=parameters.session_id,
        headers=requests.response_headers(headers, parameters, drawn.request_id, date),
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
