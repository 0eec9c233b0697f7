"""Numbers as an English speaker says them: all the likely readings of digits. Pure."""

import re

_UNITS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
).split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_SCALES = ((10**12, "trillion"), (10**9, "billion"), (10**6, "million"), (1000, "thousand"), (100, "hundred"))
_ORDINALS = {
    "one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth", "nine": "ninth",
    "twelve": "twelfth",
}  # fmt: skip
_NUMBER = re.compile(r"(?P<whole>\d+|\d{1,3}(?:,\d{3})+)(?:\.(?P<fraction>\d+))?(?P<ordinal>st|nd|rd|th)?")

LARGEST = 10**15 - 1
"""Beyond it, a number is read digit by digit."""

Words = tuple[str, ...]


def readings(text: str) -> tuple[Words, ...]:
    """How `text`, a number such as 42, 3.5, 1,200, 1984 or 21st, may be said; empty when it is none."""
    found = _NUMBER.fullmatch(text)
    if found is None:
        return ()
    digits, fraction = found["whole"].replace(",", ""), found["fraction"]
    whole = cardinal(int(digits)) if int(digits) <= LARGEST and not _led_by_zero(digits) else digit_by_digit(digits)
    if found["ordinal"]:
        return (_ordinal(whole),)
    if fraction is not None:
        return ((*whole, "point", *digit_by_digit(fraction)),)
    made = [whole]
    if len(digits) == 4 and "," not in text:
        made.insert(0, _year(digits, whole))
    if "hundred" in whole:
        made.append(_with_and(whole))
    return tuple(dict.fromkeys(made))


def cardinal(number: int) -> Words:
    """A whole number from 0 to `LARGEST`."""
    for scale, name in _SCALES:
        if number >= scale:
            rest = number % scale
            return (*cardinal(number // scale), name, *(cardinal(rest) if rest else ()))
    if number < 20:
        return (_UNITS[number],)
    return (_TENS[number // 10 - 2], *((_UNITS[number % 10],) if number % 10 else ()))


def digit_by_digit(digits: str) -> Words:
    """As telephone numbers are said."""
    return tuple(_UNITS[int(digit)] for digit in digits)


def _led_by_zero(digits: str) -> bool:
    return len(digits) > 1 and digits[0] == "0"


def _year(digits: str, otherwise: Words) -> Words:
    """1984 is nineteen eighty four; 2005, 1900 and 1000 have no such reading, or another."""
    century, rest = int(digits[:2]), int(digits[2:])
    if century < 10 or (century % 10 == 0 and rest < 10):
        return otherwise
    if rest == 0:
        return (*cardinal(century), "hundred")
    return (*cardinal(century), *(("oh",) if rest < 10 else ()), *cardinal(rest))


def _ordinal(words: Words) -> Words:
    last = words[-1]
    named = _ORDINALS.get(last) or (f"{last[:-1]}ieth" if last.endswith("y") else f"{last.removesuffix('t')}th")
    return (*words[:-1], named)


def _with_and(words: Words) -> Words:
    """One hundred and twenty: the other half of the English-speaking world."""
    place = len(words) - 1 - words[::-1].index("hundred")
    return (*words[: place + 1], "and", *words[place + 1 :]) if place + 1 < len(words) else words
