"""What the client of Amazon Transcribe tells of its buffer."""

import asyncio

from amazon_transcribe.auth import StaticCredentialResolver
from amazon_transcribe.eventstream import EventSigner
from amazon_transcribe.model import AudioStream, StartStreamTranscriptionEventStream
from amazon_transcribe.serialize import AudioEventSerializer
from amazon_transcribe.structures import BufferableByteStream
from audio_processor.transcribe_client import SdkStream


def test_audio_that_the_connection_has_not_taken_is_unread():
    """The client's own classes; the connection takes what it has room for with `read`."""
    buffer = BufferableByteStream()
    audio = AudioStream(
        input_stream=buffer,
        event_serializer=AudioEventSerializer(),
        event_signer=EventSigner("transcribe", "us-east-1"),
        initial_signature=b"0" * 32,
        credential_resolver=StaticCredentialResolver(access_key_id="id", secret_access_key="key"),
    )
    stream = SdkStream(StartStreamTranscriptionEventStream(audio, None))
    assert stream.unread_ms == 0

    async def send() -> None:
        for _ in range(3):
            await stream.send(bytes(3_200))

    asyncio.run(send())
    assert 300 <= stream.unread_ms <= 330
    buffer.read()
    assert 200 <= stream.unread_ms <= 220
