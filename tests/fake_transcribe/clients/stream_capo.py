"""Streams a recording with `capo-transcribe-streaming`; runs in the environment of that client, not in this one.

Standard input: {"endpoint", "audio", "chunkBytes", "language"}; prints {"finals", "error"}.
"""

import asyncio
import json
import sys
from pathlib import Path

from capo_transcribe_streaming import AsyncTranscribeStreamingClient, Credentials


async def stream(asked):
    audio, step = Path(asked["audio"]).read_bytes(), asked["chunkBytes"]

    async def chunks():
        for start in range(0, len(audio), step):
            yield {"AudioEvent": {"audio_chunk": audio[start : start + step]}}

    client = AsyncTranscribeStreamingClient(
        region="us-east-1",
        endpoint=asked["endpoint"],
        credentials=Credentials(access_key="test", secret_key="test"),
        retry_max_attempts=1,
    )
    finals = []
    async with client, client.start_stream_transcription(
        media_sample_rate_hertz=16000, media_encoding="pcm", audio_stream=chunks(), language_code=asked["language"],
        enable_partial_results_stabilization=True, partial_results_stability="high",
    ) as response:  # fmt: skip
        async for event in response["transcript_result_stream"]:
            for result in event.get("TranscriptEvent", {}).get("transcript", {}).get("results", []):
                if not result["is_partial"]:
                    finals.append(result["alternatives"][0]["transcript"])
    return finals


def main():
    asked = json.load(sys.stdin)
    try:
        print(json.dumps({"finals": asyncio.run(stream(asked)), "error": None}))
    except Exception as error:
        print(json.dumps({"finals": [], "error": {"name": type(error).__name__, "message": str(error)}}))


main()
