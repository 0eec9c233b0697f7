"""The event-stream codec, against messages recorded from the service and made by AWS's own client."""

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fake_transcribe import messages
from fake_transcribe.errors import FrameError
from fake_transcribe.event_stream import Decoder, Integer, Message, Timestamp, decode, encode, encode_header

INNER = bytes.fromhex(
    "0000006c000000585c509ce30d3a6d6573736167652d747970650700056576656e740b3a6576656e742d7479706507000a417564696f4576656e"
    "740d3a636f6e74656e742d747970650700186170706c69636174696f6e2f6f637465742d73747265616d00000100c204a09e"
)
EMPTY_RESULTS = bytes.fromhex(
    "0000008200000055b50599e00b3a6576656e742d7479706507000f5472616e7363726970744576656e740d3a636f6e74656e742d747970650700"
    "106170706c69636174696f6e2f6a736f6e0d3a6d6573736167652d747970650700056576656e747b225472616e736372697074223a7b22526573"
    "756c7473223a5b5d7d7dac5a832a"
)
EXCEPTION = bytes.fromhex(
    "000000bc000000618aa06bb20f3a657863657074696f6e2d7479706507001342616452657175657374457863657074696f6e0d3a636f6e74656e"
    "742d747970650700106170706c69636174696f6e2f6a736f6e0d3a6d6573736167652d74797065070009657863657074696f6e7b224d65737361"
    "6765223a224120636f6d706c657465207369676e616c207761732073656e7420776974686f75742074686520707265636564696e6720656d7074"
    "79206672616d652e227d1633ab2f"
)

header_values = st.one_of(
    st.booleans(),
    st.binary(max_size=50),
    st.text(max_size=30),
    st.builds(Timestamp, st.integers(-(2**62), 2**62)),
    st.builds(Integer, st.integers(-128, 127), st.sampled_from([1, 2, 4, 8])),
    st.builds(lambda number: uuid.UUID(int=number), st.integers(0, 2**128 - 1)),
)
names = st.text(alphabet="abcdefghijklmnopqrstuvwxyz:-", min_size=1, max_size=20)
any_message = st.builds(
    lambda headers, payload: Message(headers=tuple(headers), payload=payload),
    st.lists(st.tuples(names, header_values), max_size=5),
    st.binary(max_size=200),
)


def test_an_audio_event_is_encoded_as_the_official_client_does():
    """T-16: a golden vector."""
    headers = (
        (":message-type", "event"),
        (":event-type", "AudioEvent"),
        (":content-type", "application/octet-stream"),
    )
    assert encode(Message(headers=headers, payload=bytes.fromhex("00000100"))) == INNER


def test_the_date_header_is_encoded_as_the_official_client_does():
    """The bytes that a chunk's signature hashes."""
    assert encode_header(":date", Timestamp(1_795_449_600_123)).hex() == "053a6461746508000001a20922b87b"


def test_a_heartbeat_equals_the_recorded_one():
    """T-16: 130 bytes, as captured from the service."""
    assert messages.transcript([]) == EMPTY_RESULTS


def test_an_exception_equals_the_recorded_one():
    """T-16: 188 bytes, as captured from the service."""
    text = "A complete signal was sent without the preceding empty frame."
    assert messages.exception("BadRequestException", text) == EXCEPTION


@given(any_message)
def test_what_is_encoded_is_decoded(message):
    """Every header type, every payload."""
    assert decode(encode(message)) == message


@given(st.lists(any_message, max_size=4), st.integers(1, 64))
def test_messages_may_come_in_any_pieces(given_messages, step):
    """The decoder keeps what is not whole."""
    data = b"".join(encode(message) for message in given_messages)
    decoder = Decoder()
    decoded = [message for start in range(0, len(data), step) for message in decoder.feed(data[start : start + step])]
    assert decoded == given_messages
    assert decoder.pending == 0


@pytest.mark.parametrize("place", [8, 20, len(INNER) - 1])
def test_a_changed_byte_is_a_frame_error(place):
    """Prelude, headers and payload are each under a checksum."""
    broken = bytearray(INNER)
    broken[place] ^= 1
    with pytest.raises(FrameError, match="expected"):
        decode(bytes(broken))


@given(st.binary(max_size=400))
def test_any_bytes_are_messages_or_a_frame_error(data):
    """Nothing else is ever raised, whatever a client sends."""
    try:
        Decoder().feed(data)
    except FrameError as error:
        assert str(error)
