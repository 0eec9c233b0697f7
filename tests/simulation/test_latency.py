"""When each word reaches each listener, to the millisecond, and why: every latency is the model's median.

Moments are milliseconds from the first sample of the talk. A change of a policy, of a timeout, or of the calls on a
word's way shows here as a changed number.
"""

from pathlib import Path

import pytest

from sandbox.sim import speech
from sandbox.sim.latency import EXACT
from tests.simulation.playing import play, segment, spoken

ROOT = Path(__file__).resolve().parents[2]
STABLE, UNSTABLE = 0.95, 0.3
WORDS = spoken("alpha", "bravo", "carol", "delta", "echo")
TALK = speech.scripted(
    WORDS,
    [
        segment(
            WORDS,
            {
                1_000: ("alpha bravo", STABLE),
                1_600: ("alpha bravo carol delta", STABLE),
                2_300: ("alpha bravo carol delta echo", UNSTABLE),
            },
            final_ms=4_000,
        )
    ],
    duration_ms=5_000,
)

TO_THE_CORE = EXACT.client_way + EXACT.sqs + 2 * EXACT.transcribe_way
"""A chunk's way: to the gateway, through the queue, to Transcribe; and the result's back."""
AN_ENVIRONMENTS_FIRST = 2 * EXACT.dynamodb
"""Whose connection, and which session: an environment asks once. Environments that were started for chunks which
another took in the end are used one by one, for a chunk each; that at 1,000 is the last of these."""
TO_THE_INVOCATION = EXACT.dynamodb + EXACT.lambda_ // 2
"""A segment's way out: its checkpoint is written, then the translation is invoked."""
TO_THE_LISTENER = 3 * EXACT.dynamodb + EXACT.translate + EXACT.callback // 2 + EXACT.client_way
"""Who listens, the claim, the cache; the translation; the post and the way to the client."""
RELEASE_AFTER = 1_200
"""`release_after_ms` of the partial-result core."""


@pytest.fixture(scope="module")
def played():
    return play(TALK, listeners=2)


def test_stable_words_are_released_when_the_oldest_has_waited(played):
    """`alpha` is stable with the partial at 1,000; four words are ready when it has waited for `release_after`.

    They are the session's first segment, so that the translation has a cold start.
    """
    released = 1_000 + AN_ENVIRONMENTS_FIRST + TO_THE_CORE + RELEASE_AFTER
    arrives = released + TO_THE_INVOCATION + EXACT.cold_start + TO_THE_LISTENER
    assert arrives == 2_837
    assert played.heard("listener-1")[0] == (2_837, "alpha bravo carol delta")
    assert played.heard("listener-2")[0] == (2_837, "alpha bravo carol delta")


def test_an_unstable_word_waits_for_the_final(played):
    """`echo` never becomes stable; the final at 4,000 says it."""
    arrives = 4_000 + TO_THE_CORE + TO_THE_INVOCATION + TO_THE_LISTENER
    assert arrives == 4_207
    assert played.heard()[1:] == [(4_207, "echo")]


def test_everything_holds_and_nothing_else_is_sent(played):
    """Two segments, to each listener once."""
    assert played.outcome.kind == "held"
    assert [len(played.heard(f"listener-{number}")) for number in (1, 2)] == [2, 2]


def test_a_shorter_wait_shows_as_an_earlier_word(tmp_path):
    """`release_after_ms` at 800 instead of 1,200: 400 ms sooner, to the millisecond."""
    source = (ROOT / "services" / "shared" / "partial_results" / "config.py").read_text(encoding="utf-8")
    changed = source.replace("release_after_ms: int = 1_200", "release_after_ms: int = 800")
    assert changed != source
    file = tmp_path / "config.py"
    file.write_text(changed, encoding="utf-8")
    assert play(TALK, overrides={"partial_results.config": file}).heard()[0][0] == 2_837 - 400


def test_a_handful_of_words_that_do_not_suffice_wait_for_the_pause():
    """Three stable words are one too few; `pause_threshold` after the last change, two seconds, they go."""
    words = spoken("alpha", "bravo", "carol")
    said = {1_600: ("alpha bravo carol", STABLE)}
    talk = speech.scripted(words, [segment(words, said, final_ms=9_000)], duration_ms=10_000)
    arrives = 1_600 + TO_THE_CORE + 2_000 + TO_THE_INVOCATION + EXACT.cold_start + TO_THE_LISTENER
    assert play(talk).heard() == [(arrives, "alpha bravo carol")]


def test_a_stable_clause_mark_releases_what_stands_before_it():
    """A comma that is stable: two words go at once, and the mark with them."""
    words = spoken("alpha", "bravo", "carol")
    said = {1_600: ("alpha bravo, carol", STABLE)}
    talk = speech.scripted(words, [segment(words, said, final_ms=2_600)], duration_ms=4_000)
    first = 1_600 + TO_THE_CORE + TO_THE_INVOCATION + EXACT.cold_start + TO_THE_LISTENER
    assert play(talk).heard()[0] == (first, "alpha bravo,")
