"""SSML is read as Polly reads it."""

import pytest

from sandbox.standins.errors import ServiceRefusal
from sandbox.standins.polly_ssml import Passage, read


def test_prosody_holds_for_what_is_in_it():
    """And ends with it."""
    assert read('<speak>a <prosody rate="fast" volume="loud">b</prosody> c</speak>', engine="standard") == [
        Passage(text="a "), Passage(text="b", rate_percent=125, volume="loud"), Passage(text=" c"),
    ]  # fmt: skip


def test_inner_prosody_changes_only_what_it_names():
    document = '<speak><prosody volume="soft"><prosody rate="50%">a</prosody></prosody></speak>'
    assert read(document, engine="standard") == [Passage(text="a", rate_percent=50, volume="soft")]


@pytest.mark.parametrize(("time", "pause_ms"), [("1s", 1_000), ("250ms", 250), ("1.5s", 1_500), ("10s", 10_000)])
def test_a_break_is_a_pause(time, pause_ms):
    assert read(f'<speak><break time="{time}"/></speak>', engine="standard") == [Passage(text="", pause_ms=pause_ms)]


def test_escaped_characters_are_spoken():
    assert read("<speak>a &lt; b &amp; c</speak>", engine="neural") == [Passage(text="a < b & c")]


@pytest.mark.parametrize(
    "document",
    [
        "hello", "<speak>a & b</speak>", "<speak>a < b</speak>", "<speak>open", "<speak></speak><speak></speak>",
        "<p>a</p>", "<speak><speak>a</speak></speak>", "<speak><audio src='x'/></speak>",
        "<speak><prosody>a</prosody></speak>", "<speak><prosody volume='shouting'>a</prosody></speak>",
        "<speak><prosody rate='quick'>a</prosody></speak>", "<speak><prosody tone='x'>a</prosody></speak>",
        "<speak><prosody pitch='x'>a</prosody></speak>", "<speak><break time='11s'/></speak>",
        "<speak><break time='10001ms'/></speak>", "<speak><break strength='mighty'/></speak>",
        "<!DOCTYPE speak [<!ENTITY a 'b'>]><speak>&a;</speak>", "<speak>\x01</speak>", "",
    ],
)  # fmt: skip
def test_what_is_no_ssml_is_refused(document):
    """InvalidSsmlException with the service's text (OpenVoiceOS/ovos-plugin-manager#221)."""
    with pytest.raises(ServiceRefusal, match=r"^Invalid SSML request$") as raised:
        read(document, engine="standard")
    assert raised.value.code == "InvalidSsmlException"


@pytest.mark.parametrize("inner", ["<emphasis>a</emphasis>", "<prosody pitch='high'>a</prosody>"])
def test_a_neural_voice_takes_fewer_tags(inner):
    """ValidationException, and not InvalidSsmlException (aws/aws-sdk-js#2845)."""
    assert read(f"<speak>{inner}</speak>", engine="standard")
    with pytest.raises(ServiceRefusal, match="does not support one of the used SSML features") as raised:
        read(f"<speak>{inner}</speak>", engine="neural")
    assert raised.value.code == "ValidationException"
