"""Scripts played against the position in the audio received."""

import itertools

from fake_transcribe.player import Player
from fake_transcribe.recognition import Heard
from fake_transcribe.script import Final, Partial, Script, Segment, Word


def segment(text: str, start_ms: int, end_ms: int, *, final_ms: int) -> Segment:
    words = (Word(word=text, start_ms=start_ms, end_ms=end_ms),)
    return Segment(partials=(), final=Final(at_ms=final_ms, text=text, words=words))


def test_finals_come_in_the_order_of_what_was_said():
    """A short segment whose own lag is over waits for the one before it."""
    segments = (segment("first", 0, 1_000, final_ms=2_500), segment("next", 1_100, 1_300, final_ms=2_200))
    numbers = itertools.count()
    player = Player(
        scripts={"one": Script(language="en-US", audio_sha256="", segments=segments)},
        draw_id=lambda: str(next(numbers)),
        stable_from=None,
    )
    player.begin(Heard(recording="one", stream_ms=0, recording_ms=0))
    assert player.play(2_400) == []
    assert [event.result["Alternatives"][0]["Transcript"] for event in player.play(2_500)] == ["first", "next"]


def test_a_word_behind_the_place_where_the_stream_was_lost_is_not_said():
    """Its partial is due before it is sure that the recording will not go on."""
    words = (Word(word="never", start_ms=1_000, end_ms=1_300),)
    partials = (Partial(at_ms=1_500, text="never", stability=(0.3,)),)
    segments = (Segment(partials=partials, final=Final(at_ms=2_000, text="never", words=words)),)
    player = Player(
        scripts={"one": Script(language="en-US", audio_sha256="", segments=segments)},
        draw_id=lambda: "result",
        stable_from=None,
    )
    player.begin(Heard(recording="one", stream_ms=0, recording_ms=0))
    player.lose(1_000)
    assert player.play(1_600) == []
    assert player.play(4_000) == []
