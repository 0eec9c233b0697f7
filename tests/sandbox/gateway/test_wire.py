"""Bytes of any kind and in any split: never an exception, never more kept than one frame and one message."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from websockets.frames import Frame, Opcode

from sandbox.functions.invocation import Outcome
from sandbox.gateway import limits
from sandbox.gateway.effects import Closed, Respond, Send
from sandbox.gateway.lifecycle import State
from sandbox.gateway.wire import Broken, ClientClose, Text, Wire
from tests.sandbox.gateway.gateway_world import ALLOW, OK, close_frame, connection, frame, invokes, opened, stage

CORPUS = json.loads((Path(__file__).parent / "frames.json").read_text())
MASK = bytes(4)


def raw(head: int, payload: bytes = b"", *, masked: bool = True, length: int | None = None) -> bytes:
    """A frame with a mask of zeros, as it is on the wire; `length` may lie."""
    size = len(payload) if length is None else length
    bit = 0x80 if masked else 0
    if size < 126:
        sizes = bytes([bit | size])
    elif size < 65_536:
        sizes = bytes([bit | 126]) + size.to_bytes(2, "big")
    else:
        sizes = bytes([bit | 127]) + size.to_bytes(8, "big")
    return bytes([head]) + sizes + (MASK if masked else b"") + payload


def kept(wire: Wire) -> int:
    """How many bytes a wire holds."""
    return len(wire._message) + len(wire._protocol.reader.buffer) + sum(map(len, wire._out))


@pytest.mark.parametrize("entry", CORPUS, ids=[entry["fact"] for entry in CORPUS])
def test_each_case_of_the_corpus_ends_as_it_says(entry):
    """Whole, and one byte at a time."""
    data = bytes.fromhex(entry["hex"])
    expected = [
        [Text(one["text"]) if "text" in one else Broken(one["broken"]) if "broken" in one
         else ClientClose(one["close"], one["reason"])] for one in entry["received"]
    ]  # fmt: skip
    wanted = [one for (one,) in expected]
    whole = Wire()
    assert whole.receive(data) == wanted
    bytewise = Wire()
    assert [one for byte in data for one in bytewise.receive(bytes([byte]))] == wanted
    assert whole.take() == bytewise.take() == bytes.fromhex(entry["answered"])


@given(st.lists(st.binary(max_size=300), max_size=8))
def test_any_bytes_are_messages_a_close_or_a_fault(pieces):
    """And bytes that are no frames end the reading for good."""
    wire = Wire()
    for piece in pieces:
        was_unreadable = wire.unreadable
        found = wire.receive(piece)
        assert not (was_unreadable and found)
        assert kept(wire) <= limits.FRAME_BYTES + limits.MESSAGE_BYTES + 14
        wire.take()


@given(st.lists(st.text(max_size=200), max_size=5), st.data())
def test_messages_arrive_whole_in_any_split_and_any_fragments(texts, data):
    """As they were sent, in their order."""
    stream = b""
    for text in texts:
        payload = text.encode()
        cuts = sorted(data.draw(st.lists(st.integers(0, len(payload)), max_size=3)))
        ends = [*cuts, len(payload)]
        starts = [0, *cuts]
        for number, (start, end) in enumerate(zip(starts, ends, strict=True)):
            opcode = Opcode.TEXT if number == 0 else Opcode.CONT
            stream += Frame(opcode, payload[start:end], number == len(cuts)).serialize(mask=True)
    wire, found, rest = Wire(), [], stream
    while rest:
        size = data.draw(st.integers(1, len(rest)))
        found += wire.receive(rest[:size])
        rest = rest[size:]
    assert found == [Text(text) for text in texts]
    assert wire.take() == b""


def test_an_endless_message_of_empty_frames_keeps_nothing():
    """RFC 6455 allows any number of them."""
    wire = Wire()
    wire.receive(raw(0x01))
    for _ in range(10):
        assert wire.receive(raw(0x00) * 1_000) == []
    assert kept(wire) == 0


def test_a_header_that_announces_gigabytes_is_refused_before_a_byte_of_them_comes():
    """WS-37: nothing is kept for it."""
    wire = Wire()
    assert wire.receive(raw(0x81, length=1 << 40)) == [Broken(1009)]
    assert wire.receive(b"x" * 65_536) == []
    assert kept(wire) < 1024


def test_a_long_text_is_sent_in_frames_of_32_kb():
    """WS-56: at the limit one frame, one byte past it two."""
    for size, frames in ((limits.FRAME_BYTES, 1), (limits.FRAME_BYTES + 1, 2), (limits.MESSAGE_BYTES, 4)):
        wire = Wire()
        wire.text(b"x" * size)
        assert len(wire.take()) - size == frames * 4 - (2 if size % limits.FRAME_BYTES else 0)


def test_nothing_is_said_after_the_close():
    """Of either side: a frame behind a close frame would be an error of the protocol."""
    closed = Wire()
    closed.close(1001, "Going away")
    assert closed.take() == b"\x88\x0c\x03\xe9Going away"
    closed.text(b"late")
    assert closed.take() == b""
    left = Wire()
    left.receive(close_frame(1000))
    left.text(b"late")
    assert left.take() == b"\x88\x02\x03\xe8"


OUTCOMES = [
    OK, ALLOW, Outcome(status=429), Outcome(status=200, payload=b"{}", function_error="Unhandled"),
    Outcome(status=200, payload=b'{"statusCode":200,"body":"x"}'), Outcome(status=200, payload=b"not json"),
    Outcome(status=200, payload=b'{"statusCode":"\\ud800","body":"\\ud800"}'), Outcome(status=200, payload=b"[" * 9000),
]  # fmt: skip
PAYLOADS = {
    "nothing": "", "text": "hi", "a route": '{"action":"say"}', "no route": '{"action":"nobody"}',
    "half an object": '{"action":"say"', "depth": "[" * 9000, "an odd action": '{"action":{"a":[]}}',
}  # fmt: skip


class AnySequence(RuleBasedStateMachine):
    """Every input of a connection, in any order, from the first moment on."""

    def __init__(self) -> None:
        super().__init__()
        self.now_ms = 1000
        self.answers = 0
        self.ends = 0
        self.tokens = ["none"]
        on = stage("$connect", "$disconnect", "say", authorizer=True, returns_response=True)
        self.made = connection(on)

    def note(self, effects) -> None:
        self.tokens += [one.token for one in invokes(effects)]
        self.answers += sum(isinstance(one, Respond) for one in effects)
        self.ends += sum(isinstance(one, Closed) for one in effects)

    @rule(step_ms=st.sampled_from([0, 1, 2_000, 29_000, 600_000, 7_200_000]))
    def wait(self, step_ms):
        self.now_ms += step_ms
        self.note(self.made.tick(self.now_ms))

    @rule()
    def begin(self):
        self.note(self.made.begin(self.now_ms))

    @rule(data=st.data(), outcome=st.sampled_from(OUTCOMES))
    def answer(self, data, outcome):
        token = data.draw(st.sampled_from(self.tokens))
        self.note(self.made.outcome(token, outcome, self.now_ms))

    @rule(payload=st.sampled_from(sorted(PAYLOADS)), opcode=st.sampled_from(list(Opcode)), fin=st.booleans())
    def frame(self, payload, opcode, fin):
        head = opcode | (0x80 if fin else 0)
        self.note(self.made.received(raw(head, PAYLOADS[payload].encode()), self.now_ms))

    @rule(data=st.binary(max_size=60))
    def noise(self, data):
        self.note(self.made.received(data, self.now_ms))

    @rule(data=st.binary(max_size=60))
    def post(self, data):
        self.note(self.made.post(data, self.now_ms))

    @rule(end=st.sampled_from(["delete", "shut_down", "lost", "stalled"]))
    def end(self, end):
        self.note(getattr(self.made, end)(self.now_ms))

    @invariant()
    def one_answer_and_one_end(self):
        assert self.answers <= 1
        assert self.ends <= 1
        assert kept(self.made._wire) <= limits.FRAME_BYTES + limits.MESSAGE_BYTES

    @invariant()
    def a_closed_connection_waits_for_nothing(self):
        if self.made.state is State.CLOSED:
            assert self.made.next_deadline_ms is None


TestAnySequence = AnySequence.TestCase
TestAnySequence.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)


def test_frames_behind_a_close_frame_count_for_nothing():
    """In one read: the message before it is taken, and what it makes the gateway say is no longer sent."""
    made = opened(stage("say", "$disconnect"))
    effects = made.received(frame("hi") + close_frame(1000) + frame('{"action":"say"}'), 2000)
    assert [one.purpose.name for one in invokes(effects)] == ["DISCONNECT"]
    assert b"".join(one.data for one in effects if isinstance(one, Send)) == b"\x88\x02\x03\xe8"
