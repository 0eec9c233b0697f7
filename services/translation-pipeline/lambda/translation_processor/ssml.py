"""Any text as SSML for Amazon Polly, spoken as the speaker spoke. Pure."""

import re
from collections.abc import Mapping
from typing import Any
from xml.sax.saxutils import escape

PROSODY = {
    "volume": frozenset({"x-soft", "soft", "loud", "x-loud"}),
    "rate": frozenset({"x-slow", "slow", "fast", "x-fast"}),
}
"""Values of SSML's `prosody` that change something; `medium` is how a voice speaks anyway (Polly, "Supported SSML
tags"). Both attributes are taken by the standard and the neural engine; `pitch` is not."""

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 does not allow even as a reference (its production `Char`)."""
_QUOTES = {'"': "&quot;", "'": "&apos;"}
"""Polly, "Reserved characters in SSML": quotes are escaped in text, too."""


def spoken(text: str) -> str:
    """The text without what no XML may hold; what is left may be spoken as it is."""
    return " ".join(_NOT_XML.sub(" ", text).split())


def ssml(text: str, dynamics: Mapping[str, Any] | None) -> str:
    """A whole SSML document. Of `dynamics`, values that SSML does not know, or that change nothing, are left out."""
    wanted = dynamics or {}
    attributes = "".join(f' {name}="{wanted[name]}"' for name, known in PROSODY.items() if wanted.get(name) in known)
    inner = escape(spoken(text), _QUOTES)
    return f"<speak><prosody{attributes}>{inner}</prosody></speak>" if attributes else f"<speak>{inner}</speak>"
