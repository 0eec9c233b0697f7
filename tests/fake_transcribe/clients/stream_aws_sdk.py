"""Streams a recording with `aws-sdk-transcribe-streaming`; runs in the environment of that client, not in this one.

Standard input: {"endpoint", "audio", "chunkBytes", "language"}; prints {"finals", "error"}.
"""

import asyncio
import json
import os
import sys
from pathlib import Path

from aws_sdk_transcribe_streaming.client import AsyncTranscribeStreamingClient
from aws_sdk_transcribe_streaming.config import AsyncTranscribeStreamingConfig
from aws_sdk_transcribe_streaming.models import (
    AudioEvent,
    AudioStreamAudioEvent,
    StartStreamTranscriptionInput,
    TranscriptResultStreamTranscriptEvent,
)
from smithy_http.aio.crt import AWSCRTHTTPClient


async def stream(asked):
    config = await AsyncTranscribeStreamingConfig.resolve(
        region="us-east-1",
        endpoint_uri=asked["endpoint"],
        aws_access_key_id="test",
        aws_secret_access_key="test",
        transport=AWSCRTHTTPClient(),
    )
    client = AsyncTranscribeStreamingClient(config)
    opened = await client.start_stream_transcription(
        StartStreamTranscriptionInput(
            language_code=asked["language"],
            media_sample_rate_hertz=16000,
            media_encoding="pcm",
            enable_partial_results_stabilization=True,
            partial_results_stability="high",
        )
    )
    audio, step = Path(asked["audio"]).read_bytes(), asked["chunkBytes"]

    async def send():
        for start in range(0, len(audio), step):
            event = AudioStreamAudioEvent(value=AudioEvent(audio_chunk=audio[start : start + step]))
            await opened.input_stream.send(event)
        # The client's own close is the signed empty frame and the body's end.
        await opened.input_stream.close()

    async def receive():
        _, output = await opened.await_output()
        results = []
        async for event in output:
            if isinstance(event, TranscriptResultStreamTranscriptEvent):
                results += event.value.transcript.results or []
        return [result.alternatives[0].transcript for result in results if not result.is_partial]

    _, finals = await asyncio.gather(send(), receive())
    return finals


async def main():
    asked = json.load(sys.stdin)
    try:
        printed = {"finals": await stream(asked), "error": None}
    except Exception as error:
        printed = {"finals": [], "error": {"name": type(error).__name__, "message": str(error)}}
    print(json.dumps(printed), flush=True)
    # After a refusal the client's `close` waits, uncancellable, for chunks that nobody will read any more
    # (smithy-core 0.9.0, `AsyncBytesProvider.close`), and the end of the event loop would wait for it.
    os._exit(0)


asyncio.run(main())
