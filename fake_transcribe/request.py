"""A request's parameters, validated with the service's own texts. Pure."""

import uuid
from collections.abc import Mapping

from fake_transcribe import limits
from fake_transcribe.errors import ServiceException, bad_request
from fake_transcribe.session import Parameters

PATH = "/stream-transcription"
PREFIX = "x-amzn-transcribe-"
LANGUAGES = (
    "en-US en-GB en-AU en-IN en-NZ en-ZA en-IE es-US es-ES fr-FR fr-CA de-DE de-CH it-IT pt-BR pt-PT ja-JP ko-KR "
    "zh-CN zh-TW hi-IN th-TH nl-NL sv-SE no-NO fi-FI da-DK pl-PL ru-RU uk-UA tr-TR ar-SA ar-AE he-IL id-ID vi-VN"
).split()
ENCODINGS = ("pcm", "ogg-opus", "flac")
LEVELS = ("low", "medium", "high")


def parameters(headers: Mapping[str, str], new_session_id: str) -> Parameters | ServiceException:
    """The request's parameters, or why it is refused. `headers` have lower-case names."""
    language = headers.get(f"{PREFIX}language-code", "")
    if language not in LANGUAGES:
        return _not_in("languageCode", language, LANGUAGES)
    rate = headers.get(f"{PREFIX}sample-rate", "")
    least, most = limits.SAMPLE_RATES_HZ
    if not rate.isdigit() or not least <= int(rate) <= most:
        return bad_request(
            f"1 validation error detected: Value '{rate}' at 'mediaSampleRateHertz' failed to satisfy constraint: "
            f"Member must have value between {least} and {most}"
        )
    encoding = headers.get(f"{PREFIX}media-encoding", "")
    if encoding not in ENCODINGS:
        return _not_in("mediaEncoding", encoding, ENCODINGS)
    wanted = headers.get(f"{PREFIX}enable-partial-results-stabilization", "false").lower()
    if wanted not in ("true", "false"):
        return ServiceException(name="SerializationException", status=400, message="Expected a boolean value")
    level = headers.get(f"{PREFIX}partial-results-stability", "high")
    if level not in LEVELS:
        return _not_in("partialResultsStability", level, LEVELS)
    session_id = headers.get(f"{PREFIX}session-id", new_session_id)
    try:
        uuid.UUID(session_id)
    except ValueError:
        return bad_request(
            f"1 validation error detected: Value '{session_id}' at 'sessionId' failed to satisfy constraint: "
            "Member must have length 36 and be a UUID"
        )
    return Parameters(
        sample_rate_hz=int(rate),
        language=language,
        stability=level if wanted == "true" else None,
        session_id=session_id,
    )


def response_headers(
    headers: Mapping[str, str], accepted: Parameters, request_id: str, date: str
) -> list[tuple[str, str]]:
    """The headers that the service answers with at once, before any audio."""
    flags = ("show-speaker-label", "enable-channel-identification", "enable-partial-results-stabilization")
    echoed = {
        name: value
        for name, value in headers.items()
        if name.startswith(PREFIX) and name.removeprefix(PREFIX) not in (*flags, "session-id")
    }
    return [
        (":status", "200"),
        ("x-amzn-requestid", request_id),
        ("x-amzn-request-id", request_id),
        (f"{PREFIX}session-id", accepted.session_id),
        ("content-type", "application/vnd.amazon.eventstream"),
        ("date", date),
        *echoed.items(),
        *((f"{PREFIX}{flag}", headers.get(f"{PREFIX}{flag}", "false").lower()) for flag in flags),
    ]


def _not_in(name: str, value: str, allowed: "list[str] | tuple[str, ...]") -> ServiceException:
    return bad_request(
        f"1 validation error detected: Value '{value}' at '{name}' failed to satisfy constraint: "
        f"Member must satisfy enum value set: [{', '.join(allowed)}]"
    )
