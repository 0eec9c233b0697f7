"""Recordings are aligned with their texts by the real PocketSphinx."""

import importlib.util
import json
import statistics
from pathlib import Path

import pytest

from sandbox.alignment import aligner
from sandbox.client.recording import RecordingError, SpokenWord, load

SAMPLES = Path(__file__).resolve().parents[3] / "audio_samples"
NAMES = ("austen-0870", "austen-0880", "austen-0890")
needs_the_extra = pytest.mark.skipif(not aligner.available(), reason="the extra 'align' is not installed")


def known(name: str) -> tuple[bytes, tuple[SpokenWord, ...]]:
    loaded = load(SAMPLES / f"{name}.wav")
    return loaded.pcm, loaded.words


def transcript(name: str) -> str:
    return str(json.loads((SAMPLES / f"{name}.words.json").read_text(encoding="utf-8"))["transcript"])


@needs_the_extra
def test_word_ends_are_within_tens_of_milliseconds_of_the_known_ones():
    """All 44 words of the samples: 4 ms off on average, 19 of 20 by no more than 40 ms (measured), with some room."""
    errors = []
    for name in NAMES:
        pcm, words = known(name)
        made = aligner.align(pcm, transcript(name))
        assert [one.word for one in made] == [one.word for one in words]
        errors += [abs(one.end_ms - other.end_ms) for one, other in zip(made, words, strict=True)]
    assert statistics.mean(errors) < 10
    assert sorted(errors)[int(len(errors) * 0.95)] <= 60


@needs_the_extra
def test_words_that_no_dictionary_has_are_found_by_their_letters(monkeypatch):
    """Every word of the samples read by the rules alone."""
    monkeypatch.setattr(aligner._Aligner, "lookup", lambda self, word: ())
    errors = []
    for name in NAMES:
        pcm, words = known(name)
        errors += [
            abs(one.end_ms - other.end_ms)
            for one, other in zip(aligner.align(pcm, transcript(name)), words, strict=True)
        ]
    assert statistics.mean(errors) < 25


@needs_the_extra
def test_spelling_is_kept_and_marks_are_not():
    """Case, hyphens and abbreviations as they were written."""
    pcm, _ = known("austen-0890")
    assert [
        one.word
        for one in aligner.align(pcm, "unless to be rather COLD-hearted, and rather selfish, is to be ill-disposed.")
    ] == ("unless to be rather COLD-hearted and rather selfish is to be ill-disposed".split())
    pcm, words = known("austen-0870")
    made = aligner.align(pcm, transcript("austen-0870").replace("and mister john dashwood", "And Mr. John Dashwud,"))
    assert [one.word for one in made[:4]] == ["And", "Mr", "John", "Dashwud"]
    assert abs(made[3].end_ms - words[3].end_ms) <= 50


@needs_the_extra
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("other", ["the weather in the mountains will be fine tomorrow", "hello", "half"])
def test_a_text_of_something_else_is_one_line_with_the_next_step(name, other):
    """Other words, too few words, the first half alone."""
    pcm, words = known(name)
    text = " ".join(one.word for one in words[: len(words) // 2]) if other == "half" else other
    with pytest.raises(RecordingError, match="check the text against the audio") as caught:
        aligner.align(pcm, text)
    assert "\n" not in str(caught.value)


@needs_the_extra
@pytest.mark.parametrize(("text", "reason"), [("", "got an empty text"), ("hello \u4f60\u597d", "write it out")])
def test_a_text_that_cannot_be_said_is_refused(text, reason):
    """Before any audio is searched."""
    with pytest.raises(RecordingError, match=reason):
        aligner.align(b"", text)


@needs_the_extra
def test_audio_without_samples_is_refused():
    """Not a crash of the decoder."""
    with pytest.raises(RecordingError, match="not found in their order"):
        aligner.align(b"", "hello")


def test_without_the_extra_the_refusal_says_how_to_install_it(monkeypatch):
    """One line, and it is a command of this repository."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(RecordingError, match=r"install it with .python3 dev\.py align."):
        aligner.align(b"", "hello")
