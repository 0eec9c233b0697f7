"""What a crowd may cost: the limits of the bench, at them and one past them."""

import asyncio
from types import SimpleNamespace
from typing import cast

import pytest
from websockets.asyncio.client import ClientConnection

from sandbox.bench.broadcast import Broadcast, _timed
from sandbox.bench.sessions import Crowd, answers, judged
from sandbox.client.connection import Connection, Message
from sandbox.client.listener import Listener
from sandbox.client.recording import Recording, SpokenWord
from sandbox.client.speaker import Speaker
from sandbox.demo.plan import DemoPlan
from tests.sandbox.bench.figures import phase


def test_a_crowd_within_its_limits_is_fine():
    """Exactly half as much again, and exactly the times allowed."""
    found = judged({"alone": phase(2000), "together": phase(3000, ack=100, status=500)})
    assert (found["ratio"], found["beyond"]) == (1.5, [])


@pytest.mark.parametrize(
    ("together", "named"),
    [
        (phase(3001 + 20), "word to listener p95"),
        (phase(2000, ack=101), "control_to_ack_ms"),
        (phase(2000, status=501), "status_ms"),
        (phase(2000, omitted=1), "omitted_words"),
        (phase(None), "word to listener p95"),
    ],
)
def test_what_is_beyond_a_limit_is_named(together, named):
    """One line each; a crowd whose lateness could not be told is not fine."""
    (line,) = judged({"alone": phase(2000), "together": together})["beyond"]
    assert named in line


@pytest.mark.parametrize(("count", "p95"), [(99, None), (100, 95)])
def test_a_hundred_answers_have_a_95th(count, p95):
    assert answers(range(1, count + 1))["p95"] == p95


def test_listeners_speak_the_languages_in_turn():
    """However many they are."""
    assert Crowd(sessions=1, listeners=5).languages == ("es", "fr", "es", "fr", "es")


def test_a_words_lateness_is_from_its_end_in_the_audio_to_its_arrival():
    """A word that did not come is omitted, and lateness in the rehearsal is not counted."""
    words = (SpokenWord(word="Good", start_ms=0, end_ms=300), SpokenWord(word="day,", start_ms=300, end_ms=700))
    spoken = Recording(name="r", pcm=bytes(32_000), words=words)
    plan = DemoPlan(recordings=(spoken, spoken), listen=("es",))
    broadcast = Broadcast(url="", number=1, token="", plan=plan, rehearsed=1, opens_after_s=0, ready=asyncio.Barrier(1))
    listener = Listener(connection=Connection(socket=cast(ClientConnection, None)), language="es", joined={})
    message = {"segmentId": "s-0", "sequence": 0, "text": "Buen día, buen", "sourceText": "good day good"}
    listener.transcript.receive(message, 4000)
    heard = broadcast._heard(listener, 1000)
    assert (list(heard.late_ms), heard.omitted) == ([1700], 1)


def test_an_answer_is_the_one_that_was_asked_for():
    """A status that comes by itself is no answer to the request for one."""

    async def asked() -> int:
        connection = Answering([{"type": "sessionStatus", "updateReason": "periodic"}, ASKED])
        await _timed(cast(Speaker, SimpleNamespace(connection=connection)), {"action": "sessionStatus"}, ASKED)
        return len(connection.left)

    assert asyncio.run(asked()) == 0


ASKED = {"type": "sessionStatus", "updateReason": "requested"}


class Answering:
    """A connection with what it will be told."""

    def __init__(self, left: list[dict[str, str]]) -> None:
        self.left = left

    async def send(self, message: Message) -> None: ...

    async def expect(self, *types: str) -> Message:
        return dict(self.left.pop(0))
