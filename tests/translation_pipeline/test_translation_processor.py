"""Each language in use is translated once and posted to its listeners; one language's failure touches no other."""

import json

import pytest
from broadcast import callbacks, connections, sessions
from broadcast.connections import ConnectionRecord
from translation_processor import claims, handler, translate

SEGMENT = {
    "sessionId": "s", "segmentId": "s-0", "sequence": 0, "sourceLanguage": "en", "sourceText": "hello", "startMs": 0,
    "endMs": 900, "isFinal": False, "releasedAtMs": 5, "callbackUrl": "https://x/prod",
}  # fmt: skip


class World:
    """Listeners, what was translated, what was posted, who was counted out."""

    def __init__(self, monkeypatch, languages: list[str]) -> None:
        self.translated: list[str] = []
        self.posted: list[tuple[str, dict]] = []
        self.left: list[str] = []
        self.gone: set[str] = set()
        self.broken: set[str] = set()
        self.claimed: set[tuple[str, str]] = set()
        records = [
            ConnectionRecord(
                connectionId=f"{language}-{number}", role="listener", userId="anonymous", callbackUrl="https://x/prod",
                connectedAtMs=0, ttl=0, sessionId="s", targetLanguage=language,
            )
            for number, language in enumerate(languages)
        ]  # fmt: skip
        monkeypatch.setattr(connections, "listeners", lambda session_id, language=None: records)
        monkeypatch.setattr(callbacks, "post", self.post)
        monkeypatch.setattr(sessions, "leave", self.left.append)
        monkeypatch.setattr(claims, "claim", self.claim)
        monkeypatch.setattr(translate, "translate", self.translate)

    def claim(self, segment_id: str, language: str) -> bool:
        first = (segment_id, language) not in self.claimed
        self.claimed.add((segment_id, language))
        return first

    def translate(self, text: str, *, source: str, target: str) -> str:
        if target in self.broken:
            raise ConnectionError("the service is away")
        self.translated.append(target)
        return f"{text} in {target}"

    def post(self, url: str, connection_id: str, message) -> bool:
        json.dumps(message)
        self.posted.append((connection_id, message))
        return connection_id not in self.gone


def test_each_language_is_translated_once_and_every_listener_reads_it(monkeypatch):
    """Three listeners, two languages, two translations."""
    world = World(monkeypatch, ["es", "fr", "es"])
    handler.handler(SEGMENT, object())
    assert sorted(world.translated) == ["es", "fr"]
    assert sorted((to, message["text"]) for to, message in world.posted) == [
        ("es-0", "hello in es"), ("es-2", "hello in es"), ("fr-1", "hello in fr"),
    ]  # fmt: skip
    assert world.posted[0][1].keys() == {
        "type", "sessionId", "segmentId", "sequence", "language", "text", "sourceText", "startMs", "endMs", "isFinal",
    }  # fmt: skip


def test_without_listeners_nothing_is_translated(monkeypatch):
    """Nobody pays for words that nobody reads."""
    world = World(monkeypatch, [])
    handler.handler(SEGMENT, object())
    assert (world.translated, world.claimed) == ([], set())


def test_a_segment_delivered_twice_is_posted_once(monkeypatch):
    """Asynchronous invocations are at least once."""
    world = World(monkeypatch, ["es"])
    handler.handler(SEGMENT, object())
    handler.handler(SEGMENT, object())
    assert len(world.posted) == 1


def test_one_languages_failure_touches_no_other(monkeypatch):
    """French readers do not notice that Spanish fails."""
    world = World(monkeypatch, ["es", "fr"])
    world.broken = {"es"}
    handler.handler(SEGMENT, object())
    assert [to for to, _ in world.posted] == ["fr-1"]


def test_a_gone_listener_is_counted_out_and_the_others_are_served(monkeypatch):
    """410 of `@connections`."""
    world = World(monkeypatch, ["es", "es"])
    world.gone = {"es-0"}
    handler.handler(SEGMENT, object())
    assert world.left == ["es-0"]
    assert len(world.posted) == 2


def test_a_correction_says_which_segment_it_replaces(monkeypatch):
    """Clients put it in that segment's place."""
    world = World(monkeypatch, ["es"])
    handler.handler({**SEGMENT, "segmentId": "s-4", "correctionOf": "s-0"}, object())
    assert world.posted[0][1]["correctionOf"] == "s-0"


@pytest.mark.parametrize("missing", ["segmentId", "sourceText", "callbackUrl"])
def test_a_malformed_request_fails_whole(monkeypatch, missing):
    """Nothing half-made: Lambda's retry and the alarm see it."""
    world = World(monkeypatch, ["es"])
    with pytest.raises(TypeError):
        handler.handler({name: value for name, value in SEGMENT.items() if name != missing}, object())
    assert world.posted == []
