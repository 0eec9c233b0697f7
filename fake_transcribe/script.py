"""A recording's script: what the recogniser says of it, clocked by the position in the audio received. Pure but for
`load`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from fake_transcribe.errors import ScriptError

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml's where it was built in, ten times as fast."""

FAULTS = frozenset(["delay_ms", "duplicate", "out_of_order", "no_stability", "drop", "exception", "disconnect"])


@dataclass(frozen=True, kw_only=True)
class Word:
    """One word of a final; times are milliseconds of the recording."""

    word: str
    start_ms: int
    end_ms: int
    confidence: float = 1.0


@dataclass(frozen=True, kw_only=True)
class Partial:
    """A hypothesis at a position: its text, and one stability for each of its words."""

    at_ms: int
    text: str
    stability: tuple[float, ...]
    faults: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Final:
    """What the recogniser settles on, at a position behind the speech; `text` has case and punctuation."""

    at_ms: int
    text: str
    words: tuple[Word, ...]
    faults: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Segment:
    """One stretch of speech. Without a final it is an orphan; its words are then those of `spoken`."""

    partials: tuple[Partial, ...]
    final: Final | None
    spoken: tuple[Word, ...] = ()
    translations: Mapping[str, str] = field(default_factory=dict)

    @property
    def words(self) -> tuple[Word, ...]:
        return self.final.words if self.final is not None else self.spoken


@dataclass(frozen=True, kw_only=True)
class Script:
    """All that is said of one recording."""

    language: str
    audio_sha256: str
    segments: tuple[Segment, ...]
    model: Mapping[str, Any] = field(default_factory=dict)


def load(path: Path) -> Script:
    """Read a script. Raises ScriptError with the place in the file."""
    try:
        document = yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)  # noqa: S506 - both are safe loaders
    except (OSError, yaml.YAMLError) as error:
        raise ScriptError(
            f"expected a YAML script at {path}, got {error}: make one with 'sandbox script make'"
        ) from None
    return parse(document, path.name)


def parse(document: Any, where: str) -> Script:
    """The script of a parsed document. Raises ScriptError."""
    if not isinstance(document, dict):
        raise ScriptError(f"{where}: expected a mapping with language, audio_sha256 and segments")
    segments = _list(document, "segments", where)
    return Script(
        language=str(_required(document, "language", where)),
        audio_sha256=str(_required(document, "audio_sha256", where)),
        segments=tuple(_segment(one, f"{where}: segments[{index}]") for index, one in enumerate(segments)),
        model=document.get("model") or {},
    )


def dump(script: Script) -> str:
    """The script as YAML, the same for the same script."""
    return yaml.safe_dump(_document(script), sort_keys=False, allow_unicode=True, width=120)


def _segment(document: Any, where: str) -> Segment:
    if not isinstance(document, dict):
        raise ScriptError(f"{where}: expected a mapping with partials and final")
    final = document.get("final")
    return Segment(
        partials=tuple(
            _partial(one, f"{where}: partials[{index}]") for index, one in enumerate(document.get("partials") or [])
        ),
        final=_final(final, f"{where}: final") if final is not None else None,
        spoken=tuple(_word(one, f"{where}: spoken") for one in document.get("spoken") or []),
        translations=document.get("translations") or {},
    )


def _partial(document: Any, where: str) -> Partial:
    text = str(_required(document, "text", where))
    given = document.get("stability", 1.0)
    count = len(text.split())
    stability = tuple(map(float, given)) if isinstance(given, list) else (float(given),) * count
    if len(stability) != count or not all(0 <= one <= 1 for one in stability):
        raise ScriptError(f"{where}: expected one stability from 0 to 1 for each of {count} words, got {given!r}")
    return Partial(
        at_ms=_milliseconds(document, "at_ms", where), text=text, stability=stability, faults=_faults(document, where)
    )


def _final(document: Any, where: str) -> Final:
    return Final(
        at_ms=_milliseconds(document, "at_ms", where),
        text=str(_required(document, "text", where)),
        words=tuple(_word(one, f"{where}: words") for one in _list(document, "words", where)),
        faults=_faults(document, where),
    )


def _word(document: Any, where: str) -> Word:
    return Word(
        word=str(_required(document, "word", where)),
        start_ms=_milliseconds(document, "start_ms", where),
        end_ms=_milliseconds(document, "end_ms", where),
        confidence=float(document.get("confidence", 1.0)),
    )


def _faults(document: Mapping[str, Any], where: str) -> dict[str, Any]:
    faults = document.get("faults") or {}
    unknown = sorted(faults.keys() - FAULTS)
    if unknown:
        raise ScriptError(f"{where}: expected faults among {', '.join(sorted(FAULTS))}, got {', '.join(unknown)}")
    return dict(faults)


def _required(document: Any, name: str, where: str) -> Any:
    if not isinstance(document, dict) or document.get(name) is None:
        raise ScriptError(f"{where}: expected {name}, got none")
    return document[name]


def _list(document: Mapping[str, Any], name: str, where: str) -> list[Any]:
    value = _required(document, name, where)
    if not isinstance(value, list):
        raise ScriptError(f"{where}: {name}: expected a list, got {type(value).__name__}")
    return value


def _milliseconds(document: Mapping[str, Any], name: str, where: str) -> int:
    value = _required(document, name, where)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ScriptError(f"{where}: {name}: expected milliseconds, a whole number from 0, got {value!r}")
    return value


def _document(script: Script) -> dict[str, Any]:
    def word(one: Word) -> dict[str, Any]:
        return {"word": one.word, "start_ms": one.start_ms, "end_ms": one.end_ms, "confidence": one.confidence}

    def segment(one: Segment) -> dict[str, Any]:
        document: dict[str, Any] = {
            "partials": [
                {"at_ms": partial.at_ms, "text": partial.text, "stability": list(partial.stability)}
                | ({"faults": dict(partial.faults)} if partial.faults else {})
                for partial in one.partials
            ]
        }
        if one.final is None:
            document |= {"final": None, "spoken": [word(spoken) for spoken in one.spoken]}
        else:
            document["final"] = {
                "at_ms": one.final.at_ms,
                "text": one.final.text,
                "words": [word(spoken) for spoken in one.final.words],
            } | ({"faults": dict(one.final.faults)} if one.final.faults else {})
        if one.translations:
            document["translations"] = dict(one.translations)
        return document

    return {
        "language": script.language,
        "audio_sha256": script.audio_sha256,
        "model": dict(script.model),
        "segments": [segment(one) for one in script.segments],
    }
