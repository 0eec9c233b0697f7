"""A text as speech, from Amazon Polly. Words come first: whatever goes wrong here, the text goes out without audio."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aws_lambda_powertools import Logger
from botocore.exceptions import BotoCoreError, ClientError
from broadcast import aws
from broadcast.clock import now_ms
from urllib3.exceptions import HTTPError

from translation_processor import limits
from translation_processor.message import AUDIO_FORMAT
from translation_processor.ssml import spoken, ssml
from translation_processor.voices import Voice, voice_of

logger = Logger(child=True)

SAMPLE_RATE_HZ = "16000"
"""Wideband speech. Polly's mp3 at this rate has 48 kbit/s: about 3.8 s of speech fit into one frame with their text."""

REFUSED_SSML = frozenset({"InvalidSsmlException", "ValidationException"})
"""Polly names invalid SSML by the first, and SSML that the voice does not know by the second."""


@dataclass(frozen=True, kw_only=True)
class Speech:
    """What became of a request to speak. `audio` is None where there is none to send."""

    audio: bytes | None
    took_ms: int
    failed: bool


def speak(text: str, *, language: str, dynamics: Mapping[str, Any] | None) -> Speech | None:
    """The text spoken by the language's voice; None where it has none, or there is nothing that can be spoken."""
    voice, words = voice_of(language), spoken(text)
    if voice is None or not words or len(words) > limits.SPOKEN_CHARACTERS:
        return None
    began_ms = now_ms()
    audio: bytes | None = None
    try:
        audio = _synthesize(voice, words, dynamics)
    except (ClientError, BotoCoreError, HTTPError, OSError) as error:
        logger.warning("a text goes out without audio", language=language, reason=_reason(error))
    return Speech(audio=audio, took_ms=now_ms() - began_ms, failed=audio is None)


def _synthesize(voice: Voice, words: str, dynamics: Mapping[str, Any] | None) -> bytes:
    try:
        return _request(voice, ssml(words, dynamics), "ssml")
    except ClientError as error:
        if error.response["Error"]["Code"] not in REFUSED_SSML:
            raise
        logger.warning("SSML was refused, the text is spoken plainly", reason=_reason(error))
        return _request(voice, words, "text")


def _request(voice: Voice, text: str, text_type: str) -> bytes:
    answer = aws.quick_client("polly").synthesize_speech(
        Engine=voice.engine,
        VoiceId=voice.voice_id,
        LanguageCode=voice.language_code,
        OutputFormat=AUDIO_FORMAT,
        SampleRate=SAMPLE_RATE_HZ,
        Text=text,
        TextType=text_type,
    )
    with answer["AudioStream"] as stream:
        audio: bytes = stream.read()
    return audio


def _reason(error: Exception) -> str:
    return str(error.response["Error"]["Code"]) if isinstance(error, ClientError) else type(error).__name__
