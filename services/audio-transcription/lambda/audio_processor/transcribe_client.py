"""Streams to Amazon Transcribe through its own client. Imported by the worker alone."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

import boto3
from amazon_transcribe.auth import CredentialResolver, Credentials
from amazon_transcribe.client import TranscribeStreamingClient
from amazon_transcribe.endpoints import StaticEndpointResolver
from amazon_transcribe.exceptions import SDKError
from amazon_transcribe.model import StartStreamTranscriptionEventStream, TranscriptEvent
from awscrt.exceptions import AwsCrtError
from broadcast.languages import TRANSCRIBE_CODES

from audio_processor import limits
from audio_processor.errors import StreamError
from audio_processor.request_body import PatientSession

ENDPOINT_VARIABLE = "AWS_ENDPOINT_URL_TRANSCRIBE_STREAMING"
"""The SDKs' standard variable for this service's endpoint; this client does not read it itself."""

_FAILURES = (SDKError, AwsCrtError, OSError, TimeoutError, RuntimeError)
"""RuntimeError: the client's answer to a status that is neither 200 nor an error."""


class SessionCredentials(CredentialResolver):  # type: ignore[misc] # the client has no type information
    """boto3's credentials, which on Lambda are those of the function's role. Asked for every audio event."""

    def __init__(self) -> None:
        self._credentials = boto3.Session().get_credentials()

    async def get_credentials(self) -> Credentials | None:
        if self._credentials is None:
            return None
        frozen = self._credentials.get_frozen_credentials()
        return Credentials(frozen.access_key, frozen.secret_key, frozen.token)


def _failure(error: BaseException) -> StreamError:
    """The service's own code where the client knows it, else the name of the client's error."""
    code = getattr(error, "error_code", None) or type(error).__name__
    return StreamError(code=str(code), message=str(getattr(error, "message", "") or error))


class SdkStream:
    """`ports.TranscribeStream` on the client's event stream; `written` is called when it has something to read."""

    def __init__(self, stream: StartStreamTranscriptionEventStream, written: Callable[[], None]) -> None:
        self._stream = stream
        self._written = written

    async def send(self, audio: bytes) -> None:
        try:
            await self._stream.input_stream.send_audio_event(audio_chunk=audio)
        except _FAILURES as error:
            raise _failure(error) from error
        self._written()

    @property
    def unread_ms(self) -> int:
        # The client writes into a buffer without a limit, from which its HTTP/2 connection takes as much as the
        # service's window has room for; it has no public way to ask how much is left. Frames and signatures count as
        # audio here, a few percent.
        return sum(map(len, self._stream.input_stream._input_stream._byte_chunks)) // limits.BYTES_PER_MS

    async def end(self) -> None:
        try:
            await self._stream.input_stream.end_stream()
        except _FAILURES as error:
            raise _failure(error) from error
        self._written()

    async def results(self) -> AsyncIterator[Sequence[Any]]:
        try:
            async for event in self._stream.output_stream:
                if isinstance(event, TranscriptEvent):
                    yield event.transcript.results
        except _FAILURES as error:
            raise _failure(error) from error
        finally:
            # A reader that is cancelled leaves the future behind with which it waited, and the client would put the
            # end of the stream into it: a traceback in the log, for nothing.
            self._stream.output_stream._raw_stream._chunk_futures.clear()


class SdkTranscriber:
    """`ports.Transcriber`. Each stream has a client of its own, for one connection carries one stream."""

    def __init__(self) -> None:
        self._region = os.environ["AWS_REGION"]
        self._credentials = SessionCredentials()

    async def open(self, *, language: str) -> SdkStream:
        endpoint = os.environ.get(ENDPOINT_VARIABLE)
        client = TranscribeStreamingClient(
            region=self._region,
            endpoint_resolver=StaticEndpointResolver(endpoint) if endpoint else None,
            credential_resolver=self._credentials,
        )
        # The client takes no session manager; this is the only place where a request's body can be exchanged.
        session = PatientSession(client._session_manager.make_request)
        client._session_manager = session
        try:
            async with asyncio.timeout(limits.STREAM_OPEN_MS / 1_000):
                stream = await client.start_stream_transcription(
                    language_code=TRANSCRIBE_CODES[language],
                    media_sample_rate_hz=limits.SAMPLE_RATE_HZ,
                    media_encoding="pcm",
                    enable_partial_results_stabilization=True,
                    partial_results_stability="high",
                )
        except _FAILURES as error:
            raise _failure(error) from error
        return SdkStream(stream, session.more)
