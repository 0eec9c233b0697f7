"""AWS's own Python client streams to the fake over HTTP/2 and TLS and gets every word."""

import asyncio

import pytest
from amazon_transcribe.auth import StaticCredentialResolver
from amazon_transcribe.client import TranscribeStreamingClient
from amazon_transcribe.endpoints import StaticEndpointResolver
from amazon_transcribe.exceptions import (
    BadRequestException,
    InternalFailureException,
    LimitExceededException,
    ServiceException,
    UnknownServiceException,
)

from fake_transcribe.faults import Faults, parse
from fake_transcribe.limits import Quotas
from tests.fake_transcribe.served import LOADED, Served, pcm_of


class Fake:
    """A server and the client's way to it; `served` are the server's arguments."""

    def __init__(self, tmp_path, monkeypatch) -> None:
        self._ca, self._monkeypatch = tmp_path / "ca.pem", monkeypatch

    async def stream(self, pcm, *, secret="test", language="en-US", chunk=3200, rate=16000, served=None):
        async with Served(**(served or {})) as fake:
            fake.authority.cert_pem.write_to_path(self._ca)
            self._monkeypatch.setenv("SSL_CERT_FILE", str(self._ca))
            self.watching = fake.watching
            client = TranscribeStreamingClient(
                region="us-east-1",
                endpoint_resolver=StaticEndpointResolver(f"https://127.0.0.1:{fake.port}"),
                credential_resolver=StaticCredentialResolver("test", secret),
            )
            stream = await client.start_stream_transcription(
                language_code=language,
                media_sample_rate_hz=rate,
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


@pytest.fixture
def fake(tmp_path, monkeypatch) -> Fake:
    return Fake(tmp_path, monkeypatch)


def said(results) -> str:
    return " ".join(result.alternatives[0].transcript for result in results if not result.is_partial)


def test_every_word_of_a_recording_comes_back_in_one_final(fake):
    """T-37, T-26, T-27, T-28: partials and final share their result id; only finals have confidence; flags are on
    every item."""
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
    """T-12: 403 InvalidSignatureException, which the client does not model."""
    with pytest.raises(UnknownServiceException, match="The request signature we calculated does not match"):
        asyncio.run(fake.stream(pcm_of("austen-0880"), secret="other"))


def test_an_unknown_language_is_refused_with_the_services_text(fake):
    """T-14: the constraint's own words."""
    with pytest.raises(BadRequestException, match="Value 'xx-XX' at 'languageCode' failed to satisfy constraint"):
        asyncio.run(fake.stream(b"", language="xx-XX"))


def test_a_chunk_of_more_than_a_second_is_too_big(fake):
    """T-21: at a second it is taken, past it not."""
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


def one_fault(text):
    return {"faults": Faults([parse(text)])}


@pytest.mark.parametrize(
    ("fault", "raised"),
    [
        ("exception=LimitExceededException", LimitExceededException),
        ("exception=AccessDeniedException", UnknownServiceException),
        ("exception=InternalFailureException@1000", InternalFailureException),
        ("exception=SomethingNewException@1000", ServiceException),
    ],
)
def test_a_fault_on_demand_is_the_clients_own_exception(fake, fault, raised):
    """T-34, T-36: before the stream and in it; one that the client does not know is its base class."""
    with pytest.raises(raised):
        asyncio.run(fake.stream(pcm_of("austen-0880"), served=one_fault(fault)))


def test_an_answer_that_is_held_back_is_waited_for(fake):
    """T-35: the client sends no audio before it has the headers."""
    assert said(asyncio.run(fake.stream(pcm_of("austen-0880"), served=one_fault("header-delay=300"))))


def test_a_stream_over_the_quota_is_refused(fake):
    """T-20: with the service's own text."""
    with pytest.raises(LimitExceededException, match="You have reached your limit of concurrent streams, 0"):
        asyncio.run(fake.stream(b"", served={"quotas": Quotas(http2_streams=0)}))
