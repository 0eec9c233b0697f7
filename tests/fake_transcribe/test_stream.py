"""A stream's bytes: the chain of chunks, ends of every kind, what is too big, what comes too early."""

import pytest

from fake_transcribe import errors, limits
from fake_transcribe.event_stream import Message, encode
from fake_transcribe.service import Asked, Drawn, Transport
from fake_transcribe.session import End, SendException, SendHeartbeat, SendResult
from fake_transcribe.stream import AudioTaken
from tests.fake_transcribe import signed
from tests.fake_transcribe.served import KEYS, pcm_of
from tests.fake_transcribe.test_service import NOW, Account

PCM = pcm_of("austen-0880")
SECOND = bytes(32_000)


def unsigned():
    """A stream whose signatures are not checked."""
    return Account().open().stream


def over_websocket():
    return Account().open(transport=Transport.WEBSOCKET).stream


class Signed:
    """A stream with its chain of signatures."""

    def __init__(self) -> None:
        self.account = Account(credentials=KEYS.get)
        headers = signed.request(NOW, "localhost")
        asked = Asked(transport=Transport.HTTP2, method="POST", target="/stream-transcription", headers=headers)
        drawn = Drawn(request_id="1", session_id="11111111-2222-4333-8444-555555555555", seed=1)
        self.stream = self.account.service.open(asked, now_ms=NOW, date="", drawn=drawn).stream
        self.chunks = signed.Chunks(headers["authorization"])


def exception(outputs):
    (ended,) = [one for one in outputs if isinstance(one, SendException)]
    return ended.exception


def kinds(outputs):
    return [type(one) for one in outputs]


def test_a_chain_of_signed_chunks_is_taken_to_its_signed_end():
    """T-09, T-06: the end frame is a signed outer frame without payload."""
    made = Signed()
    for number in range(3):
        outputs = made.stream.receive(made.chunks.frame(signed.audio_event(PCM[:3200]), NOW + number), NOW + number)
        assert kinds(outputs) == [AudioTaken]
    assert made.stream.receive(made.chunks.frame(b"", NOW + 10), NOW + 10) == []
    assert made.stream.ending
    assert kinds(made.stream.tick(NOW + 1000))[-1] is End


@pytest.mark.parametrize("wrong", ["repeated", "unsigned", "skipped"])
def test_a_chunk_that_is_not_next_in_the_chain_ends_the_stream(wrong):
    """T-09: with the signature's text, as a BadRequestException in the stream."""
    made = Signed()
    first = made.chunks.frame(signed.audio_event(PCM[:3200]), NOW)
    second = made.chunks.frame(signed.audio_event(PCM[:3200]), NOW)
    bad = {"repeated": first, "unsigned": signed.audio_event(PCM[:3200]), "skipped": second}[wrong]
    if wrong != "skipped":
        made.stream.receive(first, NOW)
    assert exception(made.stream.receive(bad, NOW)) == errors.BAD_CHUNK_SIGNATURE


@pytest.mark.parametrize(("late_ms", "taken"), [(300_000, True), (300_001, False)])
def test_a_chunk_signed_more_than_five_minutes_ago_is_refused(late_ms, taken):
    """T-10: at the limit and one past it."""
    made = Signed()
    outputs = made.stream.receive(made.chunks.frame(signed.audio_event(PCM[:3200]), NOW), NOW + late_ms)
    if taken:
        assert kinds(outputs) == [AudioTaken]
    else:
        assert exception(outputs).message == (
            "Signature expired: 20261123T160000Z is now earlier than 20261123T160000Z (20261123T160500Z - 5 min.)"
        )


def test_an_empty_audio_event_is_an_end_and_the_empty_frame_behind_it_does_no_harm():
    """T-06: LiveKit sends both."""
    made = Signed()
    made.stream.receive(made.chunks.frame(signed.audio_event(b""), NOW), NOW)
    assert made.stream.ending
    assert made.stream.receive(made.chunks.frame(b"", NOW), NOW) == []
    assert kinds(made.stream.tick(NOW + 1000)) == [End]


def test_a_body_that_ends_without_an_end_frame_is_an_exception():
    """T-06: `A complete signal was sent without the preceding empty frame.`"""
    stream = unsigned()
    stream.receive(signed.audio_event(PCM[:3200]), NOW)
    assert exception(stream.end_of_body(NOW)) == errors.NO_END


def test_signed_messages_are_taken_over_websocket_too_and_a_missing_content_type():
    """T-13, T-42: there only the URL is signed."""
    stream = over_websocket()
    wrapped = signed.Chunks("Signature=" + "0" * 64).frame(signed.audio_event(PCM[:3200]), NOW)
    assert kinds(stream.receive_message(wrapped, NOW)) == [AudioTaken]
    plain = signed.audio_event(PCM[:3200], content_type=False)
    assert kinds(stream.receive_message(plain, NOW)) == [AudioTaken]


def test_a_second_of_audio_is_taken_and_two_bytes_more_are_too_big():
    """T-21: at the limit and one sample past it."""
    assert kinds(unsigned().receive(signed.audio_event(SECOND), NOW)) == [AudioTaken]
    outputs = unsigned().receive(signed.audio_event(SECOND + b"\0\0"), NOW)
    assert exception(outputs) == errors.TOO_BIG


def test_a_frame_that_announces_too_much_is_refused_before_it_is_kept():
    """T-21: twelve bytes are enough to know; nothing is held."""
    frame = encode(Message(headers=(), payload=bytes(limits.FRAME_BYTES)))
    stream = unsigned()
    assert exception(stream.receive(frame[:12], NOW)) == errors.TOO_BIG
    assert stream.receive(frame[12:], NOW) == []
    assert exception(over_websocket().receive_message(frame, NOW)) == errors.TOO_BIG


def test_after_ten_seconds_ahead_nothing_more_is_read_until_time_has_passed():
    """T-22: what waits is counted as unread, so no window is granted for it; then it is read at real time."""
    stream = unsigned()
    event = signed.audio_event(SECOND)
    for _ in range(11):
        assert kinds(stream.receive(event, NOW)) == [AudioTaken]
    assert stream.unread_bytes == 0
    assert stream.receive(event * 2, NOW) == []
    assert stream.unread_bytes == 2 * len(event)
    assert kinds(stream.tick(NOW + 999)) == []
    assert AudioTaken in kinds(stream.tick(NOW + 1000))
    assert stream.unread_bytes == len(event)
    assert stream.next_deadline_ms is not None
    assert stream.next_deadline_ms <= NOW + 2020


def test_an_end_waits_behind_the_audio_that_waits():
    """T-22: it is known at once that the stream is ending, and every word before the end is still said."""
    stream = over_websocket()
    for _ in range(12):
        stream.receive_message(signed.audio_event(SECOND), NOW)
    stream.receive_message(b"", NOW)
    assert stream.ending
    assert stream.session.next_deadline_ms != NOW + 250
    stream.tick(NOW + 1000)
    stream.tick(NOW + 2000)
    assert End in kinds(stream.tick(NOW + 2300))


@pytest.mark.parametrize("data", [b"junk that is no message", signed.audio_event(b"\0\0")[:-1] + b"\0"])
def test_what_is_no_message_is_a_bad_request(data):
    """Over WebSocket the text is the service's own."""
    assert exception(over_websocket().receive_message(data, NOW)) == errors.UNEXPECTED_FRAME
    assert exception(unsigned().receive(data, NOW)) == errors.NOT_DECODED


def test_a_message_that_is_no_audio_event_is_a_bad_request():
    """Whatever else it says."""
    other = encode(Message(headers=((":message-type", "event"), (":event-type", "VideoEvent")), payload=b"\0\0"))
    assert exception(over_websocket().receive_message(other, NOW)) == errors.UNEXPECTED_FRAME


def test_nothing_comes_out_of_a_stream_that_is_over():
    """Whatever is still sent to it."""
    stream = unsigned()
    stream.end_of_body(NOW)
    assert stream.receive(signed.audio_event(PCM[:3200]), NOW) == []
    assert stream.receive_message(b"", NOW) == []
    assert stream.tick(NOW + 20_000) == []
    assert stream.next_deadline_ms is None
    assert stream.unread_bytes == 0


@pytest.mark.parametrize(
    ("fault", "last"),
    [("unknown-event@500", None), ("bad-crc@500", None), ("truncated@500", End), ("goaway@500", None)],
)
def test_a_fault_comes_when_its_audio_was_received(fault, last):
    """T-35, T-36: not before; what it breaks for good is over."""
    from fake_transcribe.faults import Faults, parse
    from fake_transcribe.session import GoAway, SendFault

    stream = Account(faults=Faults([parse(fault)])).open().stream
    before = [one for _ in range(4) for one in stream.receive(signed.audio_event(bytes(3200)), NOW)]
    assert not {SendFault, GoAway} & set(kinds(before))
    outputs = stream.receive(signed.audio_event(bytes(3200)), NOW)
    assert {SendFault, GoAway} & set(kinds(outputs))
    assert stream.session.over == (last is End)


def test_empty_results_come_now_and_then_inside_a_segment():
    """T-17: as in the recorded stream, after about six partials."""
    stream, outputs = over_websocket(), []
    audio = pcm_of("austen-0870")
    for number, start in enumerate(range(0, len(audio), 3200)):
        outputs += stream.receive_message(signed.audio_event(audio[start : start + 3200]), NOW + 100 * number)
    partials = [one for one in outputs if isinstance(one, (SendResult, SendHeartbeat))]
    place = kinds(partials).index(SendHeartbeat)
    assert place == limits.PARTIALS_BEFORE_EMPTY
    assert kinds(partials)[place + 1] is SendResult
