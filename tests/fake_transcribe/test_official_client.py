"""AWS's own Python client streams to the fake over HTTP/2 and TLS and gets every word."""

import asyncio
import time
from pathlib import Path

import pytest
import trustme
from amazon_transcribe.auth import StaticCredentialResolver
from amazon_transcribe.client import TranscribeStreamingClient
from amazon_transcribe.endpoints import StaticEndpointResolver
from amazon_transcribe.exceptions import BadRequestException, UnknownServiceException

from fake_transcribe import recordings
from fake_transcribe.server import TranscribeServer

SAMPLES = Path(__file__).resolve().parents[2] / "audio_samples"
LOADED = recordings.load(SAMPLES)


class WallClock:
    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000


class Watching:
    """Keeps what the server tells."""

    def __init__(self) -> None:
        self.told: list[tuple] = []

    def stream_opened(self, stream_id, session_id):
        self.told.append(("opened", stream_id))

    def audio(self, stream_id, position_ms, size, digest):
        self.told.append(("audio", size))

    def result(self, stream_id, result, *, is_partial):
        self.told.append(("result", is_partial))

    def exception(self, stream_id, name, message):
        self.told.append(("exception", name))

    def stream_closed(self, stream_id):
        self.told.append(("closed", stream_id))


class Fake:
    """A running server and a client's way to it."""

    def __init__(self, tmp_path: Path, monkeypatch) -> None:
        authority = trustme.CA()
        authority.cert_pem.write_to_path(tmp_path / "ca.pem")
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
        import ssl

        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("127.0.0.1").configure_cert(tls)
        tls.set_alpn_protocols(["h2"])
        self.watching = Watching()
        self.server = TranscribeServer(
            recordings=LOADED, tls=tls, credentials={"AKID": "secret"}.get, clock=WallClock(), observer=self.watching
        )

    async def stream(self, pcm: bytes, *, secret: str = "secret", language: str = "en-US", chunk: int = 3200):
        port = await self.server.start("127.0.0.1", 0)
        try:
            client = TranscribeStreamingClient(
                region="us-east-1",
                endpoint_resolver=StaticEndpointResolver(f"https://127.0.0.1:{port}"),
                credential_resolver=StaticCredentialResolver("AKID", secret),
            )
            stream = await client.start_stream_transcription(
                language_code=language,
                media_sample_rate_hz=16000,
                media_encoding="pcm",
                enable_partial_results_stabilization=True,
                partial_results_stability="high",
            )

            async def send() -> None:
                for start in range(0, len(pcm), chunk):
                    await stream.input_stream.send_audio_event(audio_chunk=pcm[start : start + chunk])
                await stream.input_stream.end_stream()

            async def receive():
                return [result async for event in stream.output_stream for result in event.transcript.results]

            _, results = await asyncio.gather(send(), receive())
            return results
        finally:
            await self.server.stop()


@pytest.fixture
def fake(tmp_path, monkeypatch) -> Fake:
    return Fake(tmp_path, monkeypatch)


def pcm_of(name: str) -> bytes:
    return recordings.read_pcm(SAMPLES / f"{name}.wav")


def said(results) -> str:
    return " ".join(result.alternatives[0].transcript for result in results if not result.is_partial)


def test_every_word_of_a_recording_comes_back_in_one_final(fake):
    """Partials and final share their result id; only finals have confidence; flags are on every item."""
    results = asyncio.run(fake.stream(pcm_of("austen-0870")))
    assert said(results) == LOADED.scripts["austen-0870"].segments[0].final.text
    assert len({result.result_id for result in results}) == 1
    partials = [result for result in results if result.is_partial]
    assert len(partials) >= 10
    assert all(item.confidence is None for item in partials[0].alternatives[0].items)
    assert {item.stable for item in partials[-1].alternatives[0].items} == {True, False}
    assert all(item.stable for item in results[-1].alternatives[0].items)


def test_a_stream_that_begins_in_the_middle_has_the_words_from_there(fake):
    """A successor's stream: 300 ms of speech tell recording and place; words begun before it are absent."""
    words = LOADED.scripts["austen-0870"].segments[0].words
    third = words[3]
    results = asyncio.run(fake.stream(pcm_of("austen-0870")[(third.start_ms - 10) * 32 :]))
    assert said(results).split()[0] == "dashwood"
    assert len(said(results).split()) == len(words) - 3


def test_a_stream_that_ends_in_the_middle_has_the_words_heard_whole(fake):
    """A word that the end cuts off is not said."""
    words = LOADED.scripts["austen-0870"].segments[0].words
    cut_ms = (words[6].start_ms + words[6].end_ms) // 2
    results = asyncio.run(fake.stream(pcm_of("austen-0870")[: cut_ms * 32]))
    assert len(said(results).split()) == 6


def test_recordings_one_after_another_are_told_apart(fake):
    """Two recordings with a gap between them."""
    audio = pcm_of("austen-0880") + bytes(32 * 2000) + pcm_of("austen-0890")
    results = asyncio.run(fake.stream(audio))
    assert said(results) == " ".join(
        LOADED.scripts[name].segments[0].final.text for name in ("austen-0880", "austen-0890")
    )


def test_unknown_audio_gets_no_words(fake):
    """Nothing is made up."""
    import numpy as np

    noise = (np.random.default_rng(1).normal(0, 3000, 32_000)).astype("<i2").tobytes()
    assert asyncio.run(fake.stream(noise)) == []


def test_a_wrong_secret_is_refused_before_the_stream(fake):
    """403 InvalidSignatureException, which the client does not model."""
    with pytest.raises(UnknownServiceException, match="The request signature we calculated does not match"):
        asyncio.run(fake.stream(pcm_of("austen-0880"), secret="other"))


def test_an_unknown_language_is_refused_with_the_services_text(fake):
    """The constraint's own words."""
    with pytest.raises(BadRequestException, match="Value 'xx-XX' at 'languageCode' failed to satisfy constraint"):
        asyncio.run(fake.stream(b"", language="xx-XX"))


def test_a_chunk_of_more_than_a_second_is_too_big(fake):
    """At a second it is taken, past it not."""
    audio = pcm_of("austen-0880")
    assert said(asyncio.run(fake.stream(audio, chunk=32_000)))
    with pytest.raises(BadRequestException, match="Your stream is too big"):
        asyncio.run(fake.stream(audio, chunk=32_002))


def test_each_piece_of_audio_is_told_by_its_size_and_never_its_samples(fake):
    """What the journal can know."""
    asyncio.run(fake.stream(pcm_of("austen-0880")))
    sizes = [one[1] for one in fake.watching.told if one[0] == "audio"]
    assert sum(sizes) == len(pcm_of("austen-0880"))
    assert fake.watching.told[0][0] == "opened"
    assert fake.watching.told[-1][0] == "closed"
