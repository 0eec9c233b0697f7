"""A written text as the words a speaker says: each keeps its spelling and has one or more readings. Pure."""

import re
import unicodedata
from dataclasses import dataclass

from sandbox.alignment.numbers import readings

_SYMBOLS = {"%": "percent", "&": "and", "+": "plus", "@": "at", "=": "equals", "#": "number", "°": "degrees"}
_CURRENCIES = {"$": "dollars", "€": "euros", "£": "pounds", "¥": "yen"}
_TITLES = {"mr": "mister", "mrs": "missus", "dr": "doctor", "st": "saint", "prof": "professor", "vs": "versus"}
_EDGES = re.compile(r"^[^\w$€£¥&@#+%°]+|[^\w%$€£¥°+]+$")
_SPELLED = re.compile(r"(?:[A-Z]\.?){2,}")
_PIECES = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?(?:st|nd|rd|th)?|[^\W\d_]+(?:'[^\W\d_]+)*|[%&+@=#°$€£¥]")

Words = tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Token:
    """A word of the text as it is written, without the marks around it, and how it may be said (lower case words)."""

    written: str
    readings: tuple[Words, ...]


class UnspeakableError(ValueError):
    """A word of which no sounds are known; the text is the word."""


def tokens(text: str) -> tuple[Token, ...]:
    """The words of a text; what is only punctuation is left out. Raises UnspeakableError."""
    found = []
    for piece in text.split():
        written = _EDGES.sub("", piece)
        if not written:
            continue
        said = _readings(written)
        if not said:
            raise UnspeakableError(written)
        found.append(Token(written=written, readings=said))
    return tuple(found)


def _readings(written: str) -> tuple[Words, ...]:
    text = written.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    whole = readings(text)
    if whole:
        return whole
    amount = re.fullmatch(r"([$€£¥])([\d,.]+)", text)
    if amount:
        unit = _CURRENCIES[amount[1]]
        one = unit.removesuffix("s") if amount[2] == "1" else unit
        return tuple((*words, one) for words in readings(amount[2]))
    abbreviated = bool(_SPELLED.fullmatch(text)) and len(text.replace(".", "")) <= 5
    said: list[str] = []
    for piece in _PIECES.findall(text):
        number = readings(piece)
        if number:
            said += number[0]
        elif piece in _SYMBOLS or piece in _CURRENCIES:
            said.append(_SYMBOLS.get(piece) or _CURRENCIES[piece])
        else:
            word = _letters(piece)
            said += [_TITLES.get(word, word)] if word else []
    if not said:
        return ()
    spelled = tuple(letter for word in said for letter in word if letter.isalpha())
    return (tuple(said), spelled) if abbreviated else (tuple(said),)


def _letters(piece: str) -> str:
    """Lower case, without accents; empty when no Latin letter is left."""
    plain = unicodedata.normalize("NFKD", piece.casefold())
    return re.sub("[^a-z']", "", plain)
