"""What a demo prints: one plain line an event, where there is no terminal."""

import io

from rich.console import Console

from sandbox.demo.show import Show


def printed(*events) -> list[str]:
    out = io.StringIO()
    show = Show(Console(file=out, width=200))
    for event in events:
        show.event(event)
    return out.getvalue().splitlines()


def test_words_that_may_still_change_stand_behind_a_bar():
    """Stable ones before it; no bar where all are."""
    heard = {"kind": "transcribe.partial", "words": [["Unless", True], ["to", True], ["be", False], ["ill", False]]}
    assert printed(heard) == ["hears     Unless to | be ill "]
    assert printed(heard | {"words": [["Unless", True]]}) == ["hears     Unless "]


def test_a_translation_says_how_late_it_is_and_how_late_they_are_by_now():
    """From the end of its last word in the audio as streamed, to its arrival; a repeat is not shown."""
    began = {"kind": "client.stream_began", "sessionId": "s", "atMs": 1000}
    first = {
        "kind": "client.translation", "listener": "es-1", "sequence": 0, "text": "Hola", "new": True, "endMs": 500,
        "atMs": 3500,
    }  # fmt: skip
    second = first | {"sequence": 1, "text": "a todos", "endMs": 1500, "atMs": 3500}
    assert printed(began, first, first | {"new": False}, second) == [
        "es-1        0  Hola  +2000 ms, median 2000",
        "es-1        1  a todos  +1000 ms, median 1500",
    ]
