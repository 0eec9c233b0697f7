"""The voices of the product: which languages are spoken, by whom. The one place that says so.

From Amazon Polly's developer guide, "Available voices". The standard engine is taken wherever it has the language: it
takes 80 requests a second where the neural one takes 8 ("Quotas in Amazon Polly"), and a premium session with five
languages makes about four a second.
"""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class Voice:
    """A voice and the language that it is to speak, in Polly's names."""

    voice_id: str
    language_code: str
    engine: Literal["standard", "neural"] = "standard"


VOICES = {
    "ar": Voice(voice_id="Zeina", language_code="arb"),
    "cs": Voice(voice_id="Jitka", language_code="cs-CZ", engine="neural"),
    "da": Voice(voice_id="Naja", language_code="da-DK"),
    "de": Voice(voice_id="Vicki", language_code="de-DE"),
    "en": Voice(voice_id="Joanna", language_code="en-US"),
    "es": Voice(voice_id="Lupe", language_code="es-US"),
    "fi": Voice(voice_id="Suvi", language_code="fi-FI", engine="neural"),
    "fr": Voice(voice_id="Lea", language_code="fr-FR"),
    "hi": Voice(voice_id="Aditi", language_code="hi-IN"),
    "it": Voice(voice_id="Bianca", language_code="it-IT"),
    "ja": Voice(voice_id="Takumi", language_code="ja-JP"),
    "ko": Voice(voice_id="Seoyeon", language_code="ko-KR"),
    "nl": Voice(voice_id="Lotte", language_code="nl-NL"),
    "no": Voice(voice_id="Liv", language_code="nb-NO"),
    "pl": Voice(voice_id="Ewa", language_code="pl-PL"),
    "pt": Voice(voice_id="Camila", language_code="pt-BR"),
    "ro": Voice(voice_id="Carmen", language_code="ro-RO"),
    "ru": Voice(voice_id="Tatyana", language_code="ru-RU"),
    "sv": Voice(voice_id="Astrid", language_code="sv-SE"),
    "tr": Voice(voice_id="Filiz", language_code="tr-TR"),
    "zh": Voice(voice_id="Zhiyu", language_code="cmn-CN"),
}
"""By the product's language code. Listeners of any other language read."""


def voice_of(language: str) -> Voice | None:
    """The voice of a language, or None where Polly has none."""
    return VOICES.get(language)
