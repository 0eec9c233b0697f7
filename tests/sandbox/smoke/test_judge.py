"""What a smoke test takes for evidence, and what it does not."""

import pytest

from sandbox.smoke import judge
from sandbox.smoke.steps import NAMES, Step, StepFailedError, is_good, line, to_json

WORDS = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]


def translation(sequence: int, source: str, *, text: str = "dos", language: str = "es", **more) -> dict:
    about = {"type": "translation", "segmentId": f"s-{sequence}", "sequence": sequence, "sourceText": source}
    return about | {"text": text, "language": language} | more


def test_audio_is_taken_when_nobody_refuses_it():
    """An error or a warning of the rate is a refusal, and is quoted."""
    assert judge.accepted(50, [{"type": "sessionStatus"}]) == "50 chunks sent in real time, none refused"
    refused = {"type": "error", "code": "RATE_LIMIT_EXCEEDED", "message": "slower"}
    with pytest.raises(StepFailedError, match=r"1 refusals came, the first RATE_LIMIT_EXCEEDED: slower"):
        judge.accepted(50, [refused])


def test_words_are_counted_in_the_order_of_their_sequence_with_corrections():
    """Out of order and corrected, all ten are heard; half of them are half."""
    arrived = [
        translation(1, "four five six seven eight nine ten"), translation(0, "One, too, three!"),
        translation(2, "One, two, three!", correctionOf="s-0"),
    ]  # fmt: skip
    assert judge.heard_percent(WORDS, arrived) == 100
    assert judge.heard_percent(WORDS, [translation(0, "one two three four five")]) == 50
    assert judge.heard_percent(WORDS, []) == 0


def test_a_transcript_must_have_most_of_the_words_in_the_language_asked_for():
    """70 %: a recogniser errs; one that hears something else gets few."""
    assert judge.forwarded(WORDS, [translation(0, " ".join(WORDS[:7]))], "es").startswith("70 % of 10 words")
    with pytest.raises(StepFailedError, match=r"at least 70 % of the 10 words to reach the listener, got 60 %"):
        judge.forwarded(WORDS, [translation(0, " ".join(WORDS[:6]))], "es")
    for wrong in (translation(0, " ".join(WORDS), language="fr"), translation(0, " ".join(WORDS), text=" ")):
        with pytest.raises(StepFailedError, match="expected texts in es"):
            judge.forwarded(WORDS, [wrong], "es")


def test_emotion_is_volume_and_rate():
    """One without the other is not it."""
    good = translation(0, "one", dynamics={"volume": "soft", "rate": "slow"})
    assert judge.emotion([good, translation(1, "two")]) == "1 of 2 messages carry volume/rate: soft/slow"
    with pytest.raises(StepFailedError, match="in the 1 translations, got none"):
        judge.emotion([translation(0, "one", dynamics={"volume": "soft"})])


def test_a_status_must_be_of_this_session_and_on_the_air():
    """A count that is off, or a session that is still muted, fails it."""
    good = {
        "type": "sessionStatus", "sessionId": "s", "listenerCount": 1, "languageDistribution": {"es": 1},
        "sessionDurationMs": 5, "broadcastState": {"isPaused": False, "isMuted": False},
    }  # fmt: skip
    assert "1 listener in es" in judge.status(good, session_id="s", language="es")
    for bad in ({"listenerCount": 2}, {"sessionId": "t"}, {"broadcastState": {"isPaused": False, "isMuted": True}}):
        with pytest.raises(StepFailedError):
            judge.status(good | bad, session_id="s", language="es")


def test_a_result_is_good_only_when_all_seven_were_tried_and_passed():
    """A step that was not tried is no pass."""
    passed = [Step(name=name, passed=True, took_ms=5, reason="seen") for name in NAMES]
    assert is_good(passed)
    assert not is_good(passed[:6])
    assert not is_good([*passed[:6], Step(name=NAMES[6], passed=None, took_ms=None, reason="not tried")])
    document = to_json(passed, target="wss://a/prod", at_ms=9)
    assert (document["passed"], document["steps"][0]["tookMs"]) == (True, 5)
    assert line(passed[0]).split() == ["pass", *NAMES[0].split(), "5", "ms", "seen"]
