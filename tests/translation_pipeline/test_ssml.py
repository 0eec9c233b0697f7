"""Any text becomes valid SSML that says the same words."""

import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from translation_processor.ssml import spoken, ssml

from sandbox.standins import polly_ssml

DYNAMICS = st.one_of(
    st.none(),
    st.dictionaries(st.sampled_from(["volume", "rate", "pitch"]), st.one_of(st.text(), st.sampled_from(["loud"]))),
)


@given(st.text(st.characters(exclude_categories=())), DYNAMICS)
def test_any_text_is_valid_and_says_its_words(text, dynamics):
    """Markup, quotes, control characters, halves of surrogate pairs: a parser reads back what can be spoken."""
    document = ET.fromstring(ssml(text, dynamics))
    assert document.tag == "speak"
    assert "".join(document.itertext()) == spoken(text)


@given(st.text(), st.sampled_from(["soft", "medium", "loud"]), st.sampled_from(["slow", "medium", "fast"]))
def test_every_engine_takes_it(text, volume, rate):
    """The stand-in reads SSML as strictly as Polly does, and bills exactly the words."""
    for engine in ("standard", "neural"):
        passages = polly_ssml.read(ssml(text, {"volume": volume, "rate": rate}), engine=engine)
        assert "".join(one.text for one in passages) == spoken(text)


def test_the_five_reserved_characters_are_escaped():
    """Polly, "Reserved characters in SSML"."""
    assert ssml("""a<b & 'c' > "d" """, None) == (
        "<speak>a&lt;b &amp; &apos;c&apos; &gt; &quot;d&quot;</speak>"
    )  # fmt: skip


@pytest.mark.parametrize(
    ("dynamics", "opening"),
    [
        ({"volume": "loud", "rate": "slow"}, '<prosody volume="loud" rate="slow">'),
        ({"volume": "medium", "rate": "fast"}, '<prosody rate="fast">'),
        ({"volume": "medium", "rate": "medium"}, ""),
        ({"volume": 'x"><break time="9s"/>', "rate": ["fast"][0]}, '<prosody rate="fast">'),
        ({}, ""),
    ],
)
def test_dynamics_become_prosody(dynamics, opening):
    """Only values that SSML knows, and that change how the voice speaks."""
    closing = "</prosody>" if opening else ""
    assert ssml("hello", dynamics) == f"<speak>{opening}hello{closing}</speak>"
