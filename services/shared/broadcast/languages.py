"""The languages of the product: two-letter codes, and what Transcribe calls those that can be spoken."""

TRANSCRIBE_CODES = {
    "de": "de-DE",
    "en": "en-US",
    "es": "es-US",
    "fr": "fr-FR",
    "it": "it-IT",
    "ja": "ja-JP",
    "ko": "ko-KR",
    "pt": "pt-BR",
    "zh": "zh-CN",
}
"""Source languages: streaming languages of Amazon Transcribe ("Supported languages")."""

TARGET_LANGUAGES = frozenset(
    "ar bg bn cs da de el en es et fa fi fr he hi hr hu id it ja ko lt lv ms nl no pl pt ro ru sk sl sr sv sw ta th tr "
    "uk ur vi zh".split()
)
"""Target languages: those of Amazon Translate with a two-letter code that the product offers."""


def is_source(code: object) -> bool:
    return isinstance(code, str) and code in TRANSCRIBE_CODES


def is_target(code: object) -> bool:
    return isinstance(code, str) and code in TARGET_LANGUAGES
