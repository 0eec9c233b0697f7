"""Amazon Polly's `SynthesizeSpeech`: real speech where this machine can speak, else silence of the right length.

Requests, answers and refusals have the service's shapes: botocore's model of Polly, REST JSON. Not emulated, and said
so: speech marks (501), and the generative and long-form engines (no voice has them).
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sandbox.edge.http import HttpRequest, HttpResponse
from sandbox.standins import answers, audio_formats, limits, polly_ssml, speaking
from sandbox.standins.errors import ServiceRefusal
from sandbox.standins.faults import Faults, Quota, TokenBucket
from sandbox.standins.polly_ssml import Passage
from sandbox.standins.polly_voices import VOICES
from sandbox.standins.service_model import OperationContract
from sandbox.standins.synthesizer import Synthesizer

SPEECH = ("POST", "/v1/speech")
NOT_EMULATED = "expected a format of audio, got speech marks: the sandbox does not emulate them, ask for mp3 or pcm"


@dataclass(frozen=True, kw_only=True)
class SpeechRequest:
    """A request that the service takes."""

    passages: Sequence[Passage]
    characters: int
    language: str
    output_format: str
    rate_hz: int


class PollyStandIn:
    """Answers `SynthesizeSpeech` for the edge."""

    def __init__(
        self,
        *,
        now_ms: Callable[[], int],
        synthesizer: Synthesizer | None,
        quotas: dict[str, tuple[int, int]] = limits.SPEECH_PER_S,
    ) -> None:
        self.faults = Faults()
        self.contract = OperationContract("polly", "SynthesizeSpeech")
        self._now_ms = now_ms
        self._synthesizer = synthesizer
        self._buckets = {
            engine: TokenBucket(Quota(per_s=per_s, burst=burst)) for engine, (per_s, burst) in quotas.items()
        }

    async def handle(self, request: HttpRequest) -> HttpResponse:
        """One request in the service's REST JSON protocol. Synthesis runs in a thread, the loop goes on."""
        try:
            if (request.method, request.path) != SPEECH:
                raise ServiceRefusal("UnknownOperationException", "")
            body = answers.body_of(request)
            if body.get("OutputFormat") == "json":
                return HttpResponse(status=501, body=NOT_EMULATED.encode())
            wanted = self._wanted(body)
        except ServiceRefusal as refusal:
            return answers.rest_error(refusal, status=self.contract.status(refusal.code))
        data = await asyncio.to_thread(self._synthesize, wanted)
        content_type = audio_formats.CONTENT_TYPES[wanted.output_format]
        return answers.audio(data, content_type=content_type, characters=wanted.characters)

    def _wanted(self, body: dict[str, Any]) -> SpeechRequest:
        fault = self.faults.next(now_ms=self._now_ms())
        if fault is not None:
            raise self.contract.refusal(fault)
        self.contract.check(body)
        engine, output_format = body.get("Engine") or "standard", body["OutputFormat"]
        language = self._language(body, engine)
        if not self._buckets[engine].take(self._now_ms()):
            raise self.contract.refusal("ThrottlingException")
        if body.get("LexiconNames"):
            raise self.contract.refusal("LexiconNotFoundException")
        if body.get("SpeechMarkTypes"):
            raise self.contract.refusal("MarksNotSupportedForFormatException")
        rate_hz = self._rate_hz(body, output_format, engine)
        passages, characters = _passages(body, engine)
        return SpeechRequest(
            passages=passages, characters=characters, language=language, output_format=output_format, rate_hz=rate_hz
        )

    def _language(self, body: dict[str, Any], engine: str) -> str:
        voice = VOICES.get(body["VoiceId"])
        if voice is None or engine not in voice.engines:
            # The model has EngineNotSupportedException; the service answers this (deeheber/text-to-speech-converter#30,
            # speechmarkdown/speechmarkdown-vscode#520).
            raise ServiceRefusal("ValidationException", f"This voice does not support the selected engine: {engine}")
        language = body.get("LanguageCode") or voice.languages[0]
        if language not in voice.languages:
            raise self.contract.refusal("LanguageNotSupportedException")
        return str(language)

    def _rate_hz(self, body: dict[str, Any], output_format: str, engine: str) -> int:
        usual = limits.SPEECH_DEFAULT_RATE_HZ.get(output_format, limits.ENGINE_DEFAULT_RATE_HZ[engine])
        wanted = body.get("SampleRate") or str(usual)
        if wanted not in map(str, limits.SPEECH_RATES_HZ[output_format]):
            raise self.contract.refusal("InvalidSampleRateException")
        return int(wanted)

    def _synthesize(self, wanted: SpeechRequest) -> bytes:
        spoken = None
        if self._synthesizer is not None:
            spoken = self._synthesizer.speak(wanted.passages, language=wanted.language, rate_hz=wanted.rate_hz)
        samples = spoken or speaking.silence(speaking.duration_ms(wanted.passages), wanted.rate_hz)
        return audio_formats.encode(samples, rate_hz=wanted.rate_hz, output_format=wanted.output_format)


def _passages(body: dict[str, Any], engine: str) -> tuple[list[Passage], int]:
    """What is to be said, and how many characters of it are billed."""
    text, is_ssml = body["Text"], body.get("TextType") == "ssml"
    too_long = ServiceRefusal("TextLengthExceededException", "Maximum text length has been exceeded")
    if len(text) > limits.SPEECH_CHARACTERS:
        raise too_long
    passages = polly_ssml.read(text, engine=engine) if is_ssml else [Passage(text=text)]
    characters = sum(len(one.text) for one in passages)
    if characters > limits.SPEECH_BILLED_CHARACTERS:
        raise too_long
    return passages, characters
