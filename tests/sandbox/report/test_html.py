"""The report's page opens offline and shows what the journal says, whatever was said."""

from html.parser import HTMLParser

from sandbox.report.build import build
from sandbox.report.html import page
from sandbox.report.timeline import timeline

EVENTS = [
    {"t_ms": 0, "kind": "client.listener_joined", "listener": "es-1", "language": "es"},
    {"t_ms": 100, "kind": "client.stream_began", "sessionId": "s"},
    {"t_ms": 100, "kind": "client.recording", "sessionId": "s", "name": "r", "atAudioMs": 0,
     "words": [["One", 0, 300], ["<two>", 300, 700]]},
    {"t_ms": 1600, "kind": "transcribe.final", "streamId": "t", "resultId": "r",
     "words": [["One", True], ["two", True]]},
    {"t_ms": 1650, "kind": "segment.forwarded", "segmentId": "s-0", "sequence": 0, "sourceText": "One <two>.",
     "releasedAtMs": 1610},
    {"t_ms": 1700, "kind": "client.translation", "listener": "es-1", "segmentId": "s-0", "sequence": 0,
     "sourceText": "one two", "new": True},
]  # fmt: skip


class Links(HTMLParser):
    """Everything that a browser would fetch."""

    def __init__(self) -> None:
        super().__init__()
        self.fetched: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.fetched += [value for name, value in attrs if name in ("src", "href")]


def made(events) -> str:
    report = build(events, run_began_ms=0, model={"name": "default"})
    return page(report, timeline(events, run_began_ms=0), title="Run <1>")


def test_the_page_fetches_nothing():
    """It opens without a network."""
    links = Links()
    links.feed(made(EVENTS))
    assert links.fetched == []


def test_words_and_figures_are_shown_and_escaped():
    """What was said cannot become markup."""
    text = made(EVENTS)
    assert "es-1: every word, once" in text
    assert "One &lt;two&gt;." in text
    assert "<two>" not in text
    assert "<title>Run &lt;1&gt;</title>" in text


def test_an_empty_run_has_a_page_too():
    """Nobody spoke."""
    assert "No word was heard." in made([])
