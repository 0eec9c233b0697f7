"""Polly speaks for the right time, in the format asked for, and refuses as the service does."""

import io

import numpy as np
import pytest
import soundfile
from botocore.exceptions import ClientError

from sandbox.standins.polly import PollyStandIn
from sandbox.standins.synthesizer import Synthesizer
from tests.sandbox.standins.local_service import client

TEN_WORDS = "one two three four five six seven eight nine ten"
TEN_WORDS_MS = 3_750


class Clock:
    now_ms = 0

    def __call__(self) -> int:
        return self.now_ms


@pytest.fixture
def standin():
    """On a machine without a synthesiser."""
    return PollyStandIn(now_ms=Clock(), synthesizer=None)


def asking(made):
    def ask(text=TEN_WORDS, voice="Lupe", output="mp3", **more):
        return made.synthesize_speech(Text=text, VoiceId=voice, OutputFormat=output, **more)

    return ask


@pytest.fixture
def polly(standin):
    """Amazon's own client."""
    with client("polly", standin.handle) as made:
        yield asking(made)


def refusal(ask) -> tuple[str, str]:
    with pytest.raises(ClientError) as raised:
        ask()
    return raised.value.response["Error"]["Code"], raised.value.response["Error"]["Message"]


def sound(answer):
    """Samples and rate of an answer with a header of its own."""
    return soundfile.read(io.BytesIO(answer["AudioStream"].read()))


@pytest.mark.parametrize(
    ("output", "rate_hz", "content_type"),
    [("mp3", 16_000, "audio/mpeg"), ("mp3", 22_050, "audio/mpeg"), ("ogg_vorbis", 16_000, "audio/ogg"),
     ("ogg_opus", 48_000, "audio/ogg")],
)  # fmt: skip
def test_silence_has_the_length_of_the_words(polly, output, rate_hz, content_type):
    """Ten words at 160 a minute, in the format and rate asked for; an mp3 frame more or less."""
    answer = polly(output=output, SampleRate=str(rate_hz))
    assert answer["ContentType"] == content_type
    samples, rate = sound(answer)
    assert rate == rate_hz
    assert abs(len(samples) * 1_000 // rate - TEN_WORDS_MS) < 150
    assert not np.any(np.abs(samples) > 0.001)


def test_pcm_is_raw_and_exact(polly):
    """16-bit little-endian mono, 16 kHz unless asked otherwise."""
    assert len(polly(output="pcm")["AudioStream"].read()) == 2 * 16 * TEN_WORDS_MS
    assert len(polly(output="pcm", SampleRate="8000")["AudioStream"].read()) == 2 * 8 * TEN_WORDS_MS


@pytest.mark.parametrize("output", ["mulaw", "alaw"])
def test_telephone_formats_have_a_byte_for_a_sample(polly, output):
    assert len(polly(output=output)["AudioStream"].read()) == 8 * TEN_WORDS_MS


def test_mp3_has_the_services_constant_rate(polly):
    """48 kbit/s, so that silence is as large as speech would be."""
    size = len(polly(SampleRate="16000")["AudioStream"].read())
    assert abs(size * 8_000 / TEN_WORDS_MS - 48_000) < 3_000


@pytest.mark.parametrize(("rate", "length_ms"), [("slow", 5_000), ("fast", 3_000), ("200%", 1_875), ("20%", 18_750)])
def test_prosody_changes_the_length(polly, rate, length_ms):
    document = f'<speak><prosody rate="{rate}">{TEN_WORDS}</prosody></speak>'
    assert len(polly(document, output="pcm", TextType="ssml")["AudioStream"].read()) == 32 * length_ms


def test_a_language_without_spaces_takes_its_time(polly):
    """Five characters a second."""
    answer = polly("こんにちは世界です", voice="Takumi", output="pcm")
    assert len(answer["AudioStream"].read()) == 32 * 9 * 200


def test_only_the_text_is_billed(polly):
    """x-amzn-RequestCharacters leaves the tags out."""
    answer = polly('<speak><prosody rate="fast">hello</prosody></speak>', TextType="ssml")
    assert answer["RequestCharacters"] == 5


@pytest.mark.parametrize(("engine", "rate_hz"), [("standard", 22_050), ("neural", 24_000)])
def test_the_default_rate_is_the_engines(polly, engine, rate_hz):
    assert sound(polly(Engine=engine))[1] == rate_hz


@pytest.mark.parametrize(("size", "taken"), [(3_000, True), (3_001, False)])
def test_three_thousand_characters_are_billed_and_no_more(polly, size, taken):
    """At the limit it is spoken, one character past it is refused."""
    if taken:
        assert polly("x" * size)["RequestCharacters"] == size
    else:
        assert refusal(lambda: polly("x" * size)) == (
            "TextLengthExceededException", "Maximum text length has been exceeded",
        )  # fmt: skip


@pytest.mark.parametrize(("size", "taken"), [(6_000, True), (6_001, False)])
def test_six_thousand_characters_with_the_tags_and_no_more(polly, size, taken):
    """Tags are not billed, and still have their limit."""
    document = "<speak>hello</speak>".ljust(size)
    if taken:
        assert polly(document, TextType="ssml")["RequestCharacters"] == 5
    else:
        assert refusal(lambda: polly(document, TextType="ssml"))[0] == "TextLengthExceededException"


@pytest.mark.parametrize(("voice", "engine"), [("Suvi", "standard"), ("Zeina", "neural"), ("Ruth", "generative")])
def test_a_voice_without_the_engine_is_refused_as_the_service_does(polly, voice, engine):
    """ValidationException with this text is what callers have recorded, not the model's EngineNotSupportedException."""
    assert refusal(lambda: polly(voice=voice, Engine=engine)) == (
        "ValidationException", f"This voice does not support the selected engine: {engine}",
    )  # fmt: skip


def test_without_an_engine_the_standard_one_is_meant(polly):
    assert refusal(lambda: polly(voice="Kevin"))[1].endswith("engine: standard")


def test_a_bilingual_voice_speaks_both_its_languages_and_no_third(polly):
    for language in ("en-IN", "hi-IN"):
        assert polly("hello", voice="Aditi", LanguageCode=language)["RequestCharacters"] == 5
    assert refusal(lambda: polly(voice="Aditi", LanguageCode="es-ES"))[0] == "LanguageNotSupportedException"


@pytest.mark.parametrize(("output", "rate"), [("pcm", "22050"), ("mp3", "11025"), ("ogg_opus", "16000"), ("mp3", "x")])
def test_a_rate_that_the_format_does_not_have_is_refused(polly, output, rate):
    assert refusal(lambda: polly(output=output, SampleRate=rate)) == (
        "InvalidSampleRateException", "The specified sample rate is not valid.",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"TextType": "ssml"}, "InvalidSsmlException"),
        ({"LexiconNames": ["names"]}, "LexiconNotFoundException"),
        ({"SpeechMarkTypes": ["word"]}, "MarksNotSupportedForFormatException"),
        ({"voice": "Nobody"}, "ValidationException"),
        ({"output": "wav"}, "ValidationException"),
        ({"text": None}, "ValidationException"),
        ({"text": 7}, "SerializationException"),
    ],
)
def test_refusals_have_the_services_codes(polly, more, code):
    assert refusal(lambda: polly(**more))[0] == code


def test_speech_marks_are_not_pretended(polly):
    """501 is no answer of the service, so that nobody takes it for one."""
    with pytest.raises(ClientError) as raised:
        polly(output="json", SpeechMarkTypes=["word"])
    assert raised.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501


def test_other_operations_are_unknown(standin):
    with client("polly", standin.handle) as made, pytest.raises(ClientError) as raised:
        made.start_speech_synthesis_task(OutputFormat="mp3", OutputS3BucketName="b", Text="x", VoiceId="Lupe")
    assert raised.value.response["Error"]["Code"] == "UnknownOperationException"
    assert raised.value.response["ResponseMetadata"]["HTTPStatusCode"] == 404


def test_neural_voices_are_throttled_at_their_own_quota(standin):
    """8 a second and a burst of 10, while the standard engine goes on (Polly, "Quotas")."""
    with client("polly", standin.handle) as made:
        ask = asking(made)
        for _ in range(10):
            ask("hi", voice="Suvi", Engine="neural", output="pcm")
        assert refusal(lambda: ask("hi", voice="Suvi", Engine="neural")) == ("ThrottlingException", "Rate exceeded")
        assert ask("hi", output="pcm")["RequestCharacters"] == 2


@pytest.mark.parametrize(("code", "status"), [("ThrottlingException", 400), ("ServiceFailureException", 500)])
def test_a_fault_is_had_on_demand(standin, polly, code, status):
    standin.faults.add(code)
    with pytest.raises(ClientError) as raised:
        polly()
    assert raised.value.response["Error"]["Code"] == code
    assert raised.value.response["ResponseMetadata"]["HTTPStatusCode"] == status
    assert polly()["RequestCharacters"] == len(TEN_WORDS)


@pytest.fixture
def espeak(tmp_path):
    """A synthesiser of ours on a PATH of its own: it writes down how it was called and says one second of sound."""
    tone = tmp_path / "tone.wav"
    soundfile.write(tone, np.full(22_050, 0.5), 22_050)
    program = tmp_path / "espeak-ng"
    program.write_text(
        f'#!/bin/sh\necho "$@" >> {tmp_path}/calls\ncat >> {tmp_path}/said\n'
        f'case "$*" in *" tr "*) exit 1;; esac\nexec cat {tone}\n'
    )
    program.chmod(0o755)
    return tmp_path


def test_a_synthesiser_on_the_path_is_heard(espeak):
    """Its sound, at the rate asked for; it is told language, pace and volume, and the text on its input."""
    standin = PollyStandIn(now_ms=Clock(), synthesizer=Synthesizer.find(str(espeak)))
    document = '<speak><prosody rate="fast" volume="loud">$(hola) &amp; más</prosody></speak>'
    with client("polly", standin.handle) as made:
        data = asking(made)(document, output="pcm", TextType="ssml")["AudioStream"].read()
    assert abs(len(data) - 32_000) < 100
    assert np.abs(np.frombuffer(data, "<i2")).max() > 10_000
    assert (espeak / "calls").read_text() == "--stdout -v es -s 200 -a 150 --stdin\n"
    assert (espeak / "said").read_text() == "$(hola) & más"


def test_a_synthesiser_that_lacks_the_language_leaves_silence(espeak):
    standin = PollyStandIn(now_ms=Clock(), synthesizer=Synthesizer.find(str(espeak)))
    with client("polly", standin.handle) as made:
        data = asking(made)(TEN_WORDS, voice="Filiz", output="pcm")["AudioStream"].read()
    assert data == bytes(32 * TEN_WORDS_MS)


def test_without_a_synthesiser_there_is_none(tmp_path):
    assert Synthesizer.find(str(tmp_path)) is None
