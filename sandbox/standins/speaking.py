"""How long words take to say, and silence of that length. Pure."""

from collections.abc import Iterable

from sandbox.standins.polly_ssml import Passage

WORD_MS = 375
"""160 words a minute, the pace of reading aloud."""
SYLLABIC_CHARACTER_MS = 200
"""Scripts without spaces: about five characters a second."""
LEAST_MS = 100

_SYLLABIC = ((0x0E00, 0x0EFF), (0x3040, 0x30FF), (0x3400, 0x9FFF), (0xAC00, 0xD7A3))
"""Thai and Lao, kana, Han, Hangul: Unicode blocks whose characters are syllables or nearly so."""


def duration_ms(passages: Iterable[Passage]) -> int:
    """The length of speech: words at a usual pace, faster or slower as each passage wants it, and its pauses."""
    return max(LEAST_MS, sum(_words_ms(one.text) * 100 // one.rate_percent + one.pause_ms for one in passages))


def silence(length_ms: int, rate_hz: int) -> bytes:
    """Samples of 16 bits that say nothing."""
    return bytes(2 * (length_ms * rate_hz // 1_000))


def _words_ms(text: str) -> int:
    syllables = sum(_is_syllabic(one) for one in text)
    rest = "".join(" " if _is_syllabic(one) else one for one in text)
    words = sum(any(letter.isalnum() for letter in word) for word in rest.split())
    return syllables * SYLLABIC_CHARACTER_MS + words * WORD_MS


def _is_syllabic(character: str) -> bool:
    return any(first <= ord(character) <= last for first, last in _SYLLABIC)
