"""An alignment is believed when its words sound like the audio and no speech is left over."""

import pytest

from sandbox.alignment.fit import LONGEST_SOUND_MS, POOR_TEXT, POOR_WORD, UNEXPLAINED_MS, Stretch, misfit

LOUD_DB, QUIET_DB = 60.0, 30.0


def word(start_ms: int, end_ms: int, score: float = -3.0, sounds: int = 3) -> Stretch:
    frames = (end_ms - start_ms) // 10
    return Stretch(word="cat", sounds=sounds, start_ms=start_ms, end_ms=end_ms, log_score=score * frames)


def levels(*loud: tuple[int, int], until_ms: int = 3000) -> list[float]:
    return [LOUD_DB if any(a <= at < b for a, b in loud) else QUIET_DB for at in range(0, until_ms, 10)]


def test_words_that_sound_right_fit():
    """With silence between them."""
    assert misfit([word(0, 500), word(1000, 1500)], levels((0, 500), (1000, 1500))) is None


@pytest.mark.parametrize(("score", "fits"), [(POOR_TEXT + 0.1, True), (POOR_TEXT - 0.1, False)])
def test_a_text_that_sounds_wrong_as_a_whole_does_not_fit(score, fits):
    """Each side of the limit."""
    assert (misfit([word(0, 1000, score)], levels((0, 1000))) is None) == fits


@pytest.mark.parametrize(("poor_ms", "fits"), [(240, True), (260, False)])
def test_a_quarter_of_the_words_may_sound_poor(poor_ms, fits):
    """A name that is said otherwise than written is forgiven."""
    stretches = [word(0, poor_ms, POOR_WORD - 1), word(poor_ms, 1000, -2.0)]
    reason = misfit(stretches, levels((0, 1000)))
    assert (reason is None) == fits
    assert fits or reason == "what is heard at 0.0 s is not 'cat'"


@pytest.mark.parametrize(("over_ms", "fits"), [(0, True), (10, False)])
def test_a_word_that_lasts_too_long_covers_others(over_ms, fits):
    """Sounds have a longest time."""
    end_ms = 2 * LONGEST_SOUND_MS + over_ms
    reason = misfit([word(0, end_ms, sounds=2)], levels((0, end_ms)))
    assert reason == (None if fits else "more is said at 0.0 s than 'cat'")


@pytest.mark.parametrize(("loud_ms", "fits"), [(UNEXPLAINED_MS - 10, True), (UNEXPLAINED_MS, False)])
def test_speech_without_words_is_a_text_that_misses_some(loud_ms, fits):
    """Up to the limit it may be breath."""
    reason = misfit([word(0, 500)], levels((0, 500), (1000, 1000 + loud_ms)))
    assert reason == (None if fits else "somebody speaks at 1.0 s, where the text has no words")


def test_breath_between_words_does_not_add_up():
    """A long talk has many pauses."""
    words = [word(start_ms, start_ms + 500) for start_ms in range(0, 20_000, 2000)]
    breath = [(one.end_ms, one.end_ms + 300) for one in words]
    assert misfit(words, levels(*((one.start_ms, one.end_ms) for one in words), *breath, until_ms=20_000)) is None


def test_noise_that_never_stops_is_not_taken_for_speech():
    """Nothing is quiet, so loudness says nothing."""
    assert misfit([word(0, 500)], levels((0, 3000))) is None


def test_no_words_do_not_fit():
    """An empty alignment."""
    assert misfit([], levels()) == "no word was found in it"
