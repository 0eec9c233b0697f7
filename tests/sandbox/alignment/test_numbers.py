"""Digits are read as a speaker would read them, each likely way."""

import pytest

from sandbox.alignment.numbers import LARGEST, readings


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("0", ["zero"]),
        ("42", ["forty two"]),
        ("007", ["zero zero seven"]),
        ("120", ["one hundred twenty", "one hundred and twenty"]),
        ("1,200", ["one thousand two hundred"]),
        ("1984", ["nineteen eighty four", "one thousand nine hundred eighty four",
                  "one thousand nine hundred and eighty four"]),
        ("1905", ["nineteen oh five", "one thousand nine hundred five", "one thousand nine hundred and five"]),
        ("2005", ["two thousand five"]),
        ("1900", ["nineteen hundred", "one thousand nine hundred"]),
        ("3.14", ["three point one four"]),
        ("1st", ["first"]),
        ("20th", ["twentieth"]),
        ("42nd", ["forty second"]),
        ("8th", ["eighth"]),
        ("110th", ["one hundred tenth"]),
        ("12a", []),
        ("1.2.3", []),
    ],
)  # fmt: skip
def test_readings(text, spoken):
    """Years, decimals, ordinals, leading zeros, British 'and'; what is no number has none."""
    assert [" ".join(words) for words in readings(text)] == spoken


def test_what_is_too_large_for_a_name_is_read_digit_by_digit():
    """At the limit, and one past it."""
    assert readings(str(LARGEST))[0][:2] == ("nine", "hundred")
    assert readings(str(LARGEST + 1))[0][:2] == ("one", "zero")
