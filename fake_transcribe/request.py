"""A request's parameters, validated with the service's own texts. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl

from fake_transcribe import limits
from fake_transcribe.errors import ServiceException, bad_request

PATH = "/stream-transcription"
WEBSOCKET_PATH = "/stream-transcription-websocket"
PREFIX = "x-amzn-transcribe-"
LANGUAGES = (
    "en-US zh-CN en-GB es-US fr-CA fr-FR en-AU it-IT de-DE pt-BR ja-JP ko-KR af-ZA am-ET ar-AE ar-SA be-BY bg-BG bn-IN "
    "bs-BA ca-ES ckb-IQ ckb-IR cs-CZ cy-WL da-DK de-CH el-GR en-AB en-IE en-IN en-NZ en-WL en-ZA es-ES es-MX et-ET "
    "eu-ES fa-AF fa-IR fi-FI gl-ES gu-IN he-IL hi-IN hr-HR ht-HT hu-HU hy-AM id-ID is-IS jv-ID kab-DZ ka-GE kk-KZ "
    "km-KH kn-IN lg-IN lt-LT lv-LV mk-MK ml-IN mr-IN ms-MY my-MM ne-NP nl-NL no-NO or-IN pa-IN pl-PL ps-AF pt-PT ro-RO "
    "ru-RU si-LK sk-SK sl-SI so-SO sq-AL sr-RS su-ID sv-SE sw-BI sw-KE sw-RW sw-TZ sw-UG ta-IN te-IN th-TH tl-PH tr-TR "
    "uk-UA uz-UZ vi-VN zh-HK zh-TW zu-ZA"
).split()
"""The LanguageCode of the service's model (in the JavaScript client 3.1141); the refusal's list begins en-US, zh-CN."""

ENCODINGS = ("pcm", "ogg-opus", "flac", "g711-alaw", "g711-ulaw", "g729")
LEVELS = ("high", "medium", "low")
METHODS = ("remove", "mask", "tag")
_SESSION_ID = "[a-fA-F0-9]{8}-[a-fA-F0-9]{4}-[a-fA-F0-9]{4}-[a-fA-F0-9]{4}-[a-fA-F0-9]{12}"
_FLAGS = (
    "show-speaker-label", "enable-channel-identification", "enable-partial-results-stabilization", "identify-language",
    "identify-multiple-languages",
)  # fmt: skip
_ECHOED_FLAGS = _FLAGS[:3]


@dataclass(frozen=True, kw_only=True)
class Parameters:
    """What a request asks for. `language` is None when it is to be identified; `stability` None without flags."""

    sample_rate_hz: int
    language: str | None
    stability: str | None
    session_id: str
    encoding: str = "pcm"
    channels: int = 1
    speaker_labels: bool = False
    vocabulary_filters: tuple[str, ...] = ()
    filter_method: str = "remove"


def fields_of_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """The parameters by name, as HTTP/2 requests carry them."""
    return {name.removeprefix(PREFIX): value for name, value in headers.items() if name.startswith(PREFIX)}


def fields_of_query(query: str) -> dict[str, str]:
    """The parameters by name, as presigned URLs carry them."""
    pairs = parse_qsl(query, keep_blank_values=True)
    return {name.removeprefix(PREFIX): value for name, value in pairs if not name.startswith("X-Amz-")}


def parameters(fields: Mapping[str, str], new_session_id: str) -> Parameters | ServiceException:
    """The request's parameters, or why it is refused: booleans, then every constraint, then what goes together."""
    flags = {name: fields.get(name, "false").lower() for name in _FLAGS}
    if any(value not in ("true", "false") for value in flags.values()):
        return ServiceException(name="SerializationException", status=400, message="Expected a boolean value")
    wrong = _violations(fields)
    if wrong:
        count = f"{len(wrong)} validation error{'s' if len(wrong) > 1 else ''} detected: "
        return bad_request(count + "; ".join(wrong))
    identified = [name for name in _FLAGS[3:] if flags[name] == "true"]
    combined = _combined(fields, flags, identified)
    if combined is not None:
        return combined
    stabilised = flags["enable-partial-results-stabilization"] == "true"
    filters = fields.get("vocabulary-filter-names") or fields.get("vocabulary-filter-name") or ""
    return Parameters(
        sample_rate_hz=int(fields["sample-rate"]),
        language=None if identified else fields["language-code"],
        stability=fields.get("partial-results-stability", "high") if stabilised else None,
        session_id=fields.get("session-id", new_session_id),
        encoding=fields["media-encoding"],
        channels=limits.CHANNELS if flags["enable-channel-identification"] == "true" else 1,
        speaker_labels=flags["show-speaker-label"] == "true",
        vocabulary_filters=tuple(name.strip() for name in filters.split(",") if name.strip()),
        filter_method=fields.get("vocabulary-filter-method", "remove"),
    )


def response_headers(
    fields: Mapping[str, str], accepted: Parameters, request_id: str, date: str
) -> list[tuple[str, str]]:
    """The headers that the service answers with at once, before any audio. They end with the three flags, sent or
    not."""
    echoed = [(name, value) for name, value in fields.items() if name not in (*_ECHOED_FLAGS, "session-id")]
    flags = [(name, fields.get(name, "false").lower()) for name in _ECHOED_FLAGS]
    return [
        (":status", "200"),
        ("x-amzn-requestid", request_id),
        ("x-amzn-request-id", request_id),
        (f"{PREFIX}session-id", accepted.session_id),
        ("content-type", "application/vnd.amazon.eventstream"),
        ("date", date),
        *((f"{PREFIX}{name}", value) for name, value in [*echoed, *flags]),
    ]


def _violations(fields: Mapping[str, str]) -> list[str]:
    """Each constraint of the model that a field breaks, worded as the service words them."""
    wrong = []
    enums: dict[str, tuple[str, Sequence[str]]] = {
        "language-code": ("languageCode", LANGUAGES),
        "media-encoding": ("mediaEncoding", ENCODINGS),
        "partial-results-stability": ("partialResultsStability", LEVELS),
        "vocabulary-filter-method": ("vocabularyFilterMethod", METHODS),
    }
    for name, (member, allowed) in enums.items():
        if name in fields and fields[name] not in allowed:
            wrong.append(_broken(member, fields[name], f"satisfy enum value set: [{', '.join(allowed)}]"))
    if "media-encoding" not in fields:
        wrong.append("Value null at 'mediaEncoding' failed to satisfy constraint: Member must not be null")
    wrong += _rate_violations(fields.get("sample-rate"))
    channels = fields.get("number-of-channels")
    if channels is not None and not (_is_number(channels) and int(channels) >= limits.CHANNELS):
        wrong.append(_broken("numberOfChannels", channels, f"have value greater than or equal to {limits.CHANNELS}"))
    session_id = fields.get("session-id")
    if session_id is not None and not re.fullmatch(_SESSION_ID, session_id):
        wrong.append(_broken("sessionId", session_id, f"satisfy regular expression pattern: {_SESSION_ID}"))
    return wrong


def _rate_violations(rate: str | None) -> list[str]:
    least, most = limits.SAMPLE_RATES_HZ
    if rate is None:
        return ["Value null at 'mediaSampleRateHertz' failed to satisfy constraint: Member must not be null"]
    if not _is_number(rate) or int(rate) < least:
        return [_broken("mediaSampleRateHertz", rate, f"have value greater than or equal to {least}")]
    if int(rate) > most:
        return [_broken("mediaSampleRateHertz", rate, f"have value less than or equal to {most}")]
    return []


def _combined(
    fields: Mapping[str, str], flags: Mapping[str, str], identified: Sequence[str]
) -> ServiceException | None:
    """What goes together and what does not (API reference, StartStreamTranscription); the texts are assumed."""
    if ("language-code" in fields) + len(identified) != 1:
        return bad_request("You must specify one of LanguageCode, IdentifyLanguage or IdentifyMultipleLanguages.")
    if identified and len([one for one in fields.get("language-options", "").split(",") if one.strip()]) < 2:
        return bad_request("You must specify at least two language codes in LanguageOptions.")
    channels = fields.get("number-of-channels")
    if (flags["enable-channel-identification"] == "true") != (channels is not None):
        return bad_request("You must specify both EnableChannelIdentification and NumberOfChannels.")
    if channels is not None and int(channels) != limits.CHANNELS:
        return bad_request(f"The number of channels must be {limits.CHANNELS}.")
    if "content-identification-type" in fields and "content-redaction-type" in fields:
        return bad_request("You can't set ContentIdentificationType and ContentRedactionType in the same request.")
    return None


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 9


def _broken(member: str, value: str, must: str) -> str:
    return f"Value '{value}' at '{member}' failed to satisfy constraint: Member must {must}"
