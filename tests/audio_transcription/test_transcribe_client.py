"""What the client of Amazon Transcribe tells of its buffer, and what is left of a stream that nobody reads."""

import asyncio
from concurrent.futures import Future
from types import SimpleNamespace

from amazon_transcribe.auth import StaticCredentialResolver
from amazon_transcribe.eventstream import EventSigner
from amazon_transcribe.httpsession import AwsCrtHttpResponse
from amazon_transcribe.model import AudioStream, StartStreamTranscriptionEventStream, TranscriptResultStream
from amazon_transcribe.serialize import AudioEventSerializer
from amazon_transcribe.structures import BufferableByteStream
from audio_processor.transcribe_client import SdkStream


def test_audio_that_the_connection_has_not_taken_is_unread():
    """The client's own classes; the connection takes what it has room for with `read`, and is told of each piece."""
    buffer = BufferableByteStream()
    audio = AudioStream(
        input_stream=buffer,
        event_serializer=AudioEventSerializer(),
        event_signer=EventSigner("transcribe", "us-east-1"),
        initial_signature=b"0" * 32,
        credential_resolver=StaticCredentialResolver(access_key_id="id", secret_access_key="key"),
    )
    told: list[int] = []
    stream = SdkStream(StartStreamTranscriptionEventStream(audio, None), lambda: told.append(stream.unread_ms))
    assert stream.unread_ms == 0

    async def send() -> None:
        for _ in range(3):
            await stream.send(bytes(3_200))

    asyncio.run(send())
    assert 300 <= stream.unread_ms <= 330
    assert (len(told), told[-1]) == (3, stream.unread_ms)
    buffer.read()
    assert 200 <= stream.unread_ms <= 220


def test_a_stream_whose_reader_was_cancelled_ends_without_a_word(caplog):
    """The client's own response, which the AWS Common Runtime completes when the service ends the stream."""
    completion: Future[int] = Future()
    response = AwsCrtHttpResponse()
    response._set_stream(SimpleNamespace(completion_future=completion, activate=lambda: None))
    answer = SimpleNamespace(transcript_result_stream=TranscriptResultStream(response, None))
    stream = SdkStream(StartStreamTranscriptionEventStream(None, answer), lambda: None)

    async def read() -> None:
        async for _ in stream.results():
            raise AssertionError("expected no result")

    async def give_up() -> None:
        reader = asyncio.create_task(read())
        await asyncio.sleep(0)
        reader.cancel()
        (ended,) = await asyncio.gather(reader, return_exceptions=True)
        assert isinstance(ended, asyncio.CancelledError), repr(ended)

    asyncio.run(give_up())
    completion.set_result(200)
    assert caplog.records == []
