"""A talk is the same for the same seed, and the fake recognises it."""

from fake_transcribe.recognition import Heard, Recogniser
from sandbox.sim import speech


def test_a_seed_decides_the_talk():
    """Words, audio and script."""
    one, same, other = (speech.make(seed=seed, name="t", duration_ms=4_000) for seed in (1, 1, 2))
    assert one == same
    assert one.recording.pcm != other.recording.pcm


def test_no_word_is_said_twice():
    """So a word that arrives says which one it is."""
    words = [word.word for word in speech.make(seed=3, name="t", duration_ms=120_000).words]
    assert len(words) == len(set(words)) > 200


def test_the_fake_recognises_it_from_the_middle():
    """A successor's stream begins anywhere."""
    talk = speech.make(seed=4, name="t", duration_ms=6_000)
    recogniser = Recogniser(speech.recordings([talk]).library)
    heard = [one for one in recogniser.hear(talk.recording.pcm[32 * 2_500 :]) if isinstance(one, Heard)]
    assert [(one.recording, one.recording_ms - one.stream_ms) for one in heard[:1]] == [("t", 2_500)]
