"""Arbitrary bytes, in arbitrary pieces, at every door: errors are named, memory is bounded, the process goes on.

`corpus/` keeps frames that are good, bad and not whole; Hypothesis changes them at will and adds its own.
"""

import asyncio
import itertools
from pathlib import Path

import pytest
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import ResponseReceived
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from fake_transcribe import limits
from fake_transcribe.errors import FrameError
from fake_transcribe.event_stream import Decoder, encode
from fake_transcribe.http1 import Http1Connection
from fake_transcribe.http2 import PREFACE, Http2Connection
from fake_transcribe.observer import Silent
from fake_transcribe.service import Service, Transport
from fake_transcribe.session import SendException
from fake_transcribe.streams import Streams
from tests.fake_transcribe import signed
from tests.fake_transcribe.served import LOADED
from tests.fake_transcribe.test_service import NOW, Account

CORPUS = {
    path.stem: bytes.fromhex(path.read_text()) for path in sorted((Path(__file__).parent / "corpus").glob("*.hex"))
}
MOST = 1024


def decoded(pieces) -> tuple[list, str]:
    """The messages before the first fault, and the fault; never more kept than allowed."""
    decoder, messages = Decoder(most_bytes=MOST), []
    for piece in pieces:
        try:
            messages += decoder.feed(piece)
        except FrameError as error:
            return messages, type(error).__name__
        assert decoder.pending <= MOST
    return messages, "pending" if decoder.pending else ""


@pytest.mark.parametrize("name", CORPUS)
def test_each_frame_of_the_corpus_is_what_its_name_says_however_it_is_cut(name):
    """Whole, byte by byte, and cut in two at every place."""
    data = CORPUS[name]
    expected = {"good": "", "bad": "FrameError", "part": "pending"}[name.partition("-")[0]]
    ways = [[data], [bytes([one]) for one in data]] + [[data[:at], data[at:]] for at in range(1, len(data))]
    found = [decoded(pieces) for pieces in ways]
    if expected == "FrameError":
        assert all(fault in ("FrameError", "FrameTooBigError") for _, fault in found)
    else:
        assert all(fault == expected for _, fault in found)
        assert all(messages == found[0][0] for messages, _ in found)
    if expected == "":
        assert encode(found[0][0][0]) == data


@st.composite
def changed(draw, seeds: list[bytes]):
    """Frames of these, one behind another, with some bytes changed, left out, put in or repeated."""
    data = bytearray(b"".join(draw(st.lists(st.sampled_from(seeds), min_size=1, max_size=4))))
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, max(0, len(data) - 1)))
        match draw(st.integers(0, 4)):
            case 0 if data:
                data[at] ^= 1 << draw(st.integers(0, 7))
            case 1:
                del data[at : at + draw(st.integers(1, 40))]
            case 2:
                data[at:at] = draw(st.binary(max_size=20))
            case 3:
                data[at : at + 4] = draw(st.sampled_from([b"\xff" * 4, b"\0" * 4, b"\x7f\xff\xff\xff", b"\0\0\0\x10"]))
            case _:
                data += data[at : at + 100]
    return bytes(data)


def pieces_of(data: bytes, cuts: list[int]) -> list[bytes]:
    places = sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts)})
    return [data[start:end] for start, end in itertools.pairwise(places)]


any_data = st.one_of(st.binary(max_size=600), changed(list(CORPUS.values())))
any_cuts = st.lists(st.integers(0, 5000), max_size=12)


@given(any_data, any_cuts)
@example(CORPUS["bad-huge-total"], [12])
def test_how_bytes_are_cut_does_not_change_what_they_say(data, cuts):
    """The same messages, and a fault where there was one."""
    whole, cut = decoded([data]), decoded(pieces_of(data, cuts))
    assert bool(cut[1]) == bool(whole[1])
    if "Frame" not in whole[1]:
        assert cut[0] == whole[0]


SIGNED = [
    signed.audio_event(b"\0\0" * 50), signed.audio_event(b""), *CORPUS.values(),
    signed.Chunks("Signature=" + "0" * 64).frame(signed.audio_event(b"\1\0" * 50), NOW),
]  # fmt: skip


@given(changed(SIGNED), any_cuts, st.sampled_from(Transport))
def test_a_stream_takes_any_bytes_and_ends_with_one_exception_at_most(data, cuts, transport):
    """Nothing comes after it; nothing is kept."""
    stream = Account().open(transport=transport).stream
    outputs = []
    for piece in pieces_of(data, cuts):
        outputs += stream.receive(piece, NOW) if transport is Transport.HTTP2 else stream.receive_message(piece, NOW)
        assert stream.unread_bytes <= limits.FRAME_BYTES
    outputs += stream.end_of_body(NOW)
    exceptions = [one for one in outputs if isinstance(one, SendException)]
    assert len(exceptions) <= 1
    if exceptions:
        assert outputs[-1] is exceptions[0]
        assert stream.tick(NOW + 1000) == []


class MemoryEnd:
    """In the place of a socket: bytes given, bytes taken, and how it was closed."""

    def __init__(self, pieces: list[bytes]) -> None:
        self._pieces = list(pieces)
        self.written = b""
        self.over = False

    async def read(self) -> bytes:
        await asyncio.sleep(0)
        return b"" if self.over or not self._pieces else self._pieces.pop(0)

    def unread(self, data: bytes) -> None:
        self._pieces.insert(0, data)

    def write(self, data: bytes) -> None:
        self.written += data
        assert len(self.written) < 10 * limits.UNSENT_BYTES

    def close_soon(self, delay_s: float | None = None) -> None:
        """Nothing closes but by the end of what was given."""

    def keep(self) -> None:
        """The same."""

    def close(self) -> None:
        self.over = True

    abort = reset = close


class FixedClock:
    def now_ms(self) -> int:
        return NOW


def spoken_to(kind, pieces) -> tuple[MemoryEnd, list]:
    """A connection that was given these bytes, and what went wrong where nobody looked."""
    unnoticed: list = []

    async def run() -> MemoryEnd:
        asyncio.get_running_loop().set_exception_handler(lambda _, context: unnoticed.append(context))
        service = Service(recordings=LOADED, credentials={"test": "test"}.get)
        streams = Streams(service=service, clock=FixedClock(), observer=Silent(), seed=0)
        end = MemoryEnd(pieces)
        await asyncio.wait_for(kind(streams=streams, end=end).run(), 20)
        assert service.open_streams() == []
        return end

    return asyncio.run(run()), unnoticed


def an_http2_request() -> bytes:
    """What a good client sends: preface, settings, a signed request, a chunk, the end."""
    client = H2Connection(H2Configuration(header_encoding="utf-8"))
    client.initiate_connection()
    headers = signed.request(NOW, "localhost")
    chunks = signed.Chunks(headers["authorization"])
    client.send_headers(1, list(headers.items()))
    client.send_data(1, chunks.frame(signed.audio_event(b"\0\0" * 1600), NOW))
    client.send_data(1, chunks.frame(b"", NOW), end_stream=True)
    client.ping(b"12345678")
    sent: bytes = client.data_to_send()
    return sent


def a_websocket_request() -> bytes:
    """What a good client sends: the upgrade, a masked binary message, an empty one, a close."""
    head = (
        f"GET {signed.target(NOW, 'localhost')} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
        "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
    ).encode()
    event = signed.audio_event(b"\0\0" * 20)
    messages = b"\x82\xfe" + len(event).to_bytes(2, "big") + bytes(4) + event + b"\x82\x80" + bytes(4)
    return head + messages + b"\x88\x82" + bytes(4) + b"\x03\xe8"


RESET_STREAM = bytes.fromhex("0000040300" + "00000001" + "00000008")
HTTP2_REQUEST, WEBSOCKET_REQUEST = an_http2_request(), a_websocket_request()
quietly = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@quietly
@given(changed([HTTP2_REQUEST, HTTP2_REQUEST[len(PREFACE) :], *CORPUS.values()]), any_cuts)
@example(HTTP2_REQUEST, [30, 90, 200])
@example(PREFACE + b"\xff" * 40_000, [])
@example(HTTP2_REQUEST + RESET_STREAM, [])
@example(HTTP2_REQUEST.replace(b"AWS4", b"\xff\xff\xff\xff"), [])
def test_an_http2_connection_takes_any_bytes(data, cuts):
    """It answers, or ends; nothing else fails because of it."""
    end, unnoticed = spoken_to(Http2Connection, pieces_of(data, cuts))
    assert unnoticed == []
    assert end.written


@quietly
@given(changed([WEBSOCKET_REQUEST, WEBSOCKET_REQUEST[-60:], b"\r\n\r\n", b"GET / HTTP/1.1\r\n"]), any_cuts)
@example(WEBSOCKET_REQUEST, [300, 600, 900])
@example(WEBSOCKET_REQUEST.replace(b"X-Amz-Date=", b"X-Amz-Date=%F0%80"), [])
@example(WEBSOCKET_REQUEST.replace(b"Host: localhost", b"Host: \xff"), [])
def test_a_websocket_connection_takes_any_bytes(data, cuts):
    """It answers, or ends; nothing else fails because of it."""
    _, unnoticed = spoken_to(Http1Connection, pieces_of(data, cuts))
    assert unnoticed == []


def test_the_good_requests_are_good():
    """What is changed at will above opens a stream when it is not changed."""
    end, _ = spoken_to(Http2Connection, [HTTP2_REQUEST])
    client = H2Connection(H2Configuration(header_encoding="utf-8"))
    client.initiate_connection()
    client.send_headers(1, [(":method", "POST"), (":scheme", "http"), (":path", "/"), (":authority", "x")])
    answers = [one for one in client.receive_data(end.written) if isinstance(one, ResponseReceived)]
    assert [dict(one.headers)[":status"] for one in answers] == ["200"]
    end, _ = spoken_to(Http1Connection, [WEBSOCKET_REQUEST])
    assert end.written.startswith(b"HTTP/1.1 101 ")
    assert b"exception" not in end.written
