"""SSML as Amazon Polly reads it: what may be in it, and what of it is spoken how. Pure.

Tags and values are those of the developer guide, "Supported SSML tags".
"""

import re
from dataclasses import dataclass
from xml.parsers import expat

from sandbox.standins.errors import ServiceRefusal

TAGS = frozenset(
    "speak break emphasis lang mark p phoneme prosody s say-as sub w amazon:auto-breaths amazon:breath amazon:domain "
    "amazon:effect".split()
)
NOT_NEURAL = frozenset({"emphasis", "amazon:auto-breaths", "amazon:breath", "amazon:effect"})
"""Tags that the neural engine does not take; nor does it take `pitch`."""

PERCENT = re.compile(r"(\d{1,4})%")
DECIBELS = re.compile(r"[+-]\d{1,3}(\.\d+)?dB")
SIGNED_PERCENT = re.compile(r"[+-]\d{1,3}(\.\d+)?%")
PAUSE = re.compile(r"(\d+)(\.\d+)?(ms|s)")

VOLUMES = frozenset("default silent x-soft soft medium loud x-loud".split())
RATES_PERCENT = {"x-slow": 50, "slow": 75, "medium": 100, "fast": 125, "x-fast": 150}
"""Speaking rates by name; the guide gives names and percentages, and not how they compare (?)."""
PITCHES = frozenset("default x-low low medium high x-high".split())
LEAST_RATE_PERCENT = 20
"""The guide: a rate below 20 % is spoken as 20 %."""
STRENGTHS_MS = {"none": 0, "x-weak": 0, "weak": 100, "medium": 400, "strong": 400, "x-strong": 800}
"""`break strength`: `medium` is the length of a comma's pause, `strong` of a sentence's; milliseconds are ours (?)."""
LONGEST_PAUSE_MS = 10_000
"""The guide: a break is at most 10 s."""


@dataclass(frozen=True, kw_only=True)
class Passage:
    """Words spoken in one way: the rate in percent of the usual, and the volume's name."""

    text: str
    rate_percent: int = 100
    volume: str = "default"
    pause_ms: int = 0


def invalid() -> ServiceRefusal:
    """The service's answer to SSML that it cannot read."""
    return ServiceRefusal("InvalidSsmlException", "Invalid SSML request")


def read(document: str, *, engine: str) -> list[Passage]:
    """The passages of an SSML document. Raises ServiceRefusal."""
    reader = _Reader(engine)
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    parser.StartDoctypeDeclHandler = reader.doctype
    try:
        parser.Parse(document.encode(), True)
    except expat.ExpatError:
        raise invalid() from None
    return reader.passages


class _Reader:
    def __init__(self, engine: str) -> None:
        self.passages: list[Passage] = []
        self._engine = engine
        self._ways: list[tuple[int, str]] = [(100, "default")]

    def doctype(self, *_: object) -> None:
        raise invalid()

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag not in TAGS or (tag == "speak") != (len(self._ways) == 1):
            raise invalid()
        if self._engine == "neural" and (tag in NOT_NEURAL or "pitch" in attributes):
            # aws/aws-sdk-js#2845
            raise ServiceRefusal("ValidationException", "This voice does not support one of the used SSML features")
        rate, volume = self._ways[-1]
        if tag == "prosody":
            rate, volume = self._prosody(attributes, rate, volume)
        elif tag == "break":
            self.passages.append(Passage(text="", pause_ms=_pause_ms(attributes)))
        self._ways.append((rate, volume))

    def end(self, _tag: str) -> None:
        self._ways.pop()

    def text(self, data: str) -> None:
        rate, volume = self._ways[-1]
        self.passages.append(Passage(text=data, rate_percent=rate, volume=volume))

    @staticmethod
    def _prosody(attributes: dict[str, str], rate: int, volume: str) -> tuple[int, str]:
        if not attributes or attributes.keys() - {"volume", "rate", "pitch", "amazon:max-duration"}:
            raise invalid()
        if "volume" in attributes:
            volume = attributes["volume"]
            if volume not in VOLUMES and not DECIBELS.fullmatch(volume):
                raise invalid()
        if "rate" in attributes:
            percent = PERCENT.fullmatch(attributes["rate"])
            if not percent and attributes["rate"] not in RATES_PERCENT:
                raise invalid()
            rate = max(LEAST_RATE_PERCENT, int(percent[1])) if percent else RATES_PERCENT[attributes["rate"]]
        pitch = attributes.get("pitch", "default")
        if pitch not in PITCHES and not SIGNED_PERCENT.fullmatch(pitch):
            raise invalid()
        return rate, volume


def _pause_ms(attributes: dict[str, str]) -> int:
    if "time" not in attributes:
        strength = attributes.get("strength", "medium")
        if strength not in STRENGTHS_MS:
            raise invalid()
        return STRENGTHS_MS[strength]
    time = PAUSE.fullmatch(attributes["time"])
    if not time:
        raise invalid()
    pause_ms = round(float(time[1] + (time[2] or "")) * (1_000 if time[3] == "s" else 1))
    if pause_ms > LONGEST_PAUSE_MS:
        raise invalid()
    return pause_ms
