"""WebSocket as clients of every kind speak it: presigned URLs, five ways to end, refusals after the upgrade."""

import asyncio
import json

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Origin, Subprotocol

from fake_transcribe import limits
from fake_transcribe.event_stream import decode
from fake_transcribe.faults import Faults, parse
from fake_transcribe.limits import Quotas
from tests.fake_transcribe import signed
from tests.fake_transcribe.served import Served, final_of, pcm_of

PCM = pcm_of("austen-0880")
END_TEXT = '{"message-type":"event","event":"end"}'


def url(fake: Served, *, tls: bool = False, late_ms: int = 0, **parameters) -> str:
    host = f"127.0.0.1:{fake.port if tls else fake.plain_port}"
    return f"{'wss' if tls else 'ws'}://{host}{signed.target(fake.clock.now_ms() - late_ms, host, **parameters)}"


async def say(socket, pcm=PCM, **arguments) -> None:
    for start in range(0, len(pcm), 3200):
        await socket.send(signed.audio_event(pcm[start : start + 3200], **arguments))


async def everything(socket) -> list:
    """The messages up to the close."""
    found = []
    try:
        while True:
            found.append(decode(await asyncio.wait_for(socket.recv(), 10)))
    except ConnectionClosed:
        return found


def said(messages) -> str:
    results = [one for message in messages for one in _results(message)]
    return " ".join(one["Alternatives"][0]["Transcript"] for one in results if not one["IsPartial"])


def _results(message):
    return json.loads(message.payload).get("Transcript", {}).get("Results", [])


def exception(messages) -> tuple[str, str]:
    (last,) = [one for one in messages if one.header(":message-type") == "exception"]
    return last.header(":exception-type"), json.loads(last.payload)["Message"]


async def end_with(how: str, socket) -> None:
    if how == "empty event":
        await socket.send(signed.audio_event(b""))
    elif how == "empty message and close":
        # As JavaScript's client: both leave in one breath, the close's answer is waited for.
        await socket.send(b"")
        socket.protocol.send_close(1000)
        socket.send_data()
    else:
        await socket.send(END_TEXT)


@pytest.mark.parametrize("how", ["empty event", "empty message and close", "text frame"])
def test_each_way_to_say_that_no_more_audio_comes_still_gets_every_word(how):
    """T-32, T-33, T-42: then the close, 1000 `Streaming completed successfully`."""

    async def run():
        async with Served() as fake, connect(url(fake), compression=None) as socket:
            await say(socket)
            await end_with(how, socket)
            return await everything(socket), socket.close_code, socket.close_reason

    messages, code, reason = asyncio.run(run())
    assert said(messages) == final_of("austen-0880")
    assert (code, reason) == (1000, "Streaming completed successfully")


def test_a_plain_close_is_answered_and_the_stream_is_over():
    """T-32: nothing more is said."""

    async def run():
        async with Served() as fake:
            async with connect(url(fake)) as socket:
                await say(socket, PCM[:32_000])
                await socket.close(1000)
                code = socket.close_code
            await asyncio.wait_for(fake.watching.a_stream_closed.wait(), 10)
            return code, fake.server.service.open_streams()

    assert asyncio.run(run()) == (1000, [])


def test_a_client_that_just_falls_silent_gets_the_exception_and_then_the_close(monkeypatch):
    """T-32, T-18: the fifth way to end, of clients that do nothing."""
    monkeypatch.setattr(limits, "SILENCE_TIMEOUT_MS", 200)

    async def run():
        async with Served() as fake, connect(url(fake)) as socket:
            return await everything(socket)

    name, text = exception(asyncio.run(run()))
    assert (name, text) == (
        "BadRequestException", "Your request timed out because no new audio was received for 15 seconds."
    )  # fmt: skip


def test_the_mqtt_subprotocol_is_agreed_to():
    """T-32: one client asks for it."""

    async def run():
        async with (
            Served() as fake,
            connect(url(fake), subprotocols=[Subprotocol("mqtt")], origin=Origin("https://here")) as socket,
        ):
            return socket.subprotocol, socket.response.headers

    subprotocol, headers = asyncio.run(run())
    assert subprotocol == "mqtt"
    assert headers["websocket-origin"] == "https://here"
    assert headers["Strict-Transport-Security"] == "max-age=31536000"
    assert len(headers["x-amzn-RequestId"]) == 36


def test_websocket_is_spoken_over_tls_on_the_same_port():
    """T-03, T-13: without a content type too."""

    async def run():
        async with Served() as fake, connect(url(fake, tls=True), ssl=fake.trusting()) as socket:
            await say(socket, content_type=False)
            await end_with("empty event", socket)
            return await everything(socket)

    assert said(asyncio.run(run())) == final_of("austen-0880")


def test_8443_and_any_other_port_can_listen_too():
    """T-03: browser clients insist on 8443; each port of a server serves the same streams."""

    async def run():
        async with Served() as fake:
            fake.port = await fake.server.start("127.0.0.1", 0)
            async with connect(url(fake, tls=True), ssl=fake.trusting()) as socket:
                await end_with("empty event", socket)
                await everything(socket)
                return socket.close_code

    assert asyncio.run(run()) == 1000


@pytest.mark.parametrize(
    ("arguments", "name", "text"),
    [
        ({"secret": "other"}, "InvalidSignatureException", "The request signature we calculated does not match"),
        ({"key": "other"}, "UnrecognizedClientException", "The security token included in the request is invalid."),
        ({"expires": 15, "late_ms": 20_000}, "InvalidSignatureException", "Signature expired: "),
        ({"language_code": "xx-XX"}, "BadRequestException", "1 validation error detected: Value 'xx-XX'"),
        ({"sample_rate": "1"}, "BadRequestException", "at 'mediaSampleRateHertz'"),
    ],
)
def test_a_refusal_comes_after_the_upgrade_as_an_exception_message(arguments, name, text):
    """T-11, T-12, T-14: then the close."""

    async def run():
        async with Served() as fake, connect(url(fake, **arguments)) as socket:
            return await everything(socket)

    found, message = exception(asyncio.run(run()))
    assert found == name
    assert text in message


def test_the_quota_of_websocket_streams_is_its_own():
    """T-20: as an exception message too."""

    async def run():
        async with Served(quotas=Quotas(websocket_streams=1)) as fake, connect(url(fake)) as first:
            await say(first, PCM[:3200])
            async with connect(url(fake)) as second:
                return await everything(second)

    assert exception(asyncio.run(run())) == (
        "LimitExceededException", "You have reached your limit of concurrent streams, 1. Try again later."
    )  # fmt: skip


def test_a_second_stream_of_a_session_ends_the_first():
    """T-23: the first gets the ConflictException at once."""
    session_id = "11111111-2222-4333-8444-555555555555"

    async def run():
        async with Served() as fake, connect(url(fake, session_id=session_id)) as first:
            await say(first, PCM[:3200])
            async with connect(url(fake, session_id=session_id)) as second:
                ended = await everything(first)
                await say(second)
                await end_with("empty event", second)
                return ended, await everything(second)

    ended, went_on = asyncio.run(run())
    assert exception(ended)[0] == "ConflictException"
    assert said(went_on) == final_of("austen-0880")


@pytest.mark.parametrize("message", ["hello", "{}", "[1]", b"junk", signed.audio_event(b"\0\0")[:-2] + b"\0\0"])
def test_another_message_is_an_unexpected_frame(message):
    """As the service words it; the process goes on."""

    async def run():
        async with Served() as fake, connect(url(fake)) as socket:
            await socket.send(message)
            return await everything(socket)

    assert exception(asyncio.run(run())) == ("BadRequestException", "Unexpected WebSocket frame received.")


def test_more_than_a_second_of_audio_in_a_message_is_too_big():
    """T-21: as an exception message."""

    async def run():
        async with Served() as fake, connect(url(fake)) as socket:
            await socket.send(signed.audio_event(bytes(32_002)))
            return await everything(socket)

    assert exception(asyncio.run(run()))[1].startswith("Your stream is too big.")


def test_a_message_in_fragments_is_one_message():
    """And one that would be larger than any frame may be is closed with 1009, without being kept."""

    async def run():
        async with Served() as fake:
            async with connect(url(fake)) as socket:
                data = signed.audio_event(PCM[:3200])
                await socket.send([data[:100], data[100:1000], data[1000:]])
                await say(socket, PCM[3200:])
                await end_with("empty event", socket)
                words = said(await everything(socket))
            async with connect(url(fake)) as socket:
                await socket.send([bytes(limits.FRAME_BYTES), b"\0"])
                await everything(socket)
                return words, socket.close_code

    assert asyncio.run(run()) == (final_of("austen-0880"), 1009)


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (b"\x82\x02ab", 1002),  # not masked
        (b"\x83\x80\0\0\0\0", 1002),  # reserved opcode
        (b"\xc2\x80\0\0\0\0", 1002),  # reserved bit
        (b"\x80\x80\0\0\0\0", 1002),  # continues nothing
        (b"\x89\xfe\x00\x7e" + bytes(130), 1002),  # a ping that is too long
        (b"\x82\xff\xff\xff\xff\xff\xff\xff\xff\xff\0\0\0\0", 1009),  # 2**64 bytes
        (b"\x88\x81\0\0\0\0\x03", 1002),  # a close with half a code
    ],
)
def test_a_frame_that_breaks_the_rfc_is_closed_with_its_code(frame, code):
    """The connection alone: the stream is closed, nothing is kept of the frame."""

    async def run():
        async with Served() as fake, connect(url(fake)) as socket:
            socket.transport.write(frame)
            await everything(socket)
            await asyncio.wait_for(fake.watching.a_stream_closed.wait(), 10)
            return socket.close_code, fake.server.service.open_streams()

    assert asyncio.run(run()) == (code, [])


@pytest.mark.parametrize(
    ("target", "status"), [("/", 404), ("/stream-transcription", 404), ("/medical-stream-transcription-websocket", 404)]
)
def test_another_path_is_not_upgraded(target, status):
    """The medical streams are not here."""

    async def run():
        async with Served() as fake:
            try:
                async with connect(f"ws://127.0.0.1:{fake.plain_port}{target}"):
                    return 101
            except InvalidStatus as refused:
                return refused.response.status_code

    assert asyncio.run(run()) == status


def test_a_request_that_asks_for_no_upgrade_is_told_so():
    """426, and the connection closes."""

    async def run():
        async with Served() as fake:
            reader, writer = await asyncio.open_connection("127.0.0.1", fake.plain_port)
            writer.write(b"GET /stream-transcription-websocket HTTP/1.1\r\nHost: x\r\n\r\n")
            answer = await asyncio.wait_for(reader.read(), 10)
            writer.close()
            return answer

    assert asyncio.run(run()).startswith(b"HTTP/1.1 426 ")


def test_audio_that_comes_too_early_is_left_in_the_socket():
    """T-22: a client that pushes a minute at once is stopped by its own TCP, and the process keeps little of it."""

    async def run():
        async with Served() as fake, connect(url(fake, sample_rate="48000"), close_timeout=0.1) as socket:
            sent_ms = 0
            try:
                async with asyncio.timeout(1):
                    while sent_ms < 600_000:
                        await socket.send(signed.audio_event(bytes(96_000)))
                        sent_ms += 1000
            except TimeoutError:
                pass
            heard = sum(one[1] for one in fake.watching.told if one[0] == "audio") // 96
            return sent_ms, heard

    sent_ms, heard_ms = asyncio.run(run())
    assert sent_ms < 600_000
    assert 10_000 <= heard_ms <= 12_500


@pytest.mark.parametrize(("fault", "code"), [("reset@500", 1006), ("goaway@500", 1001), ("truncated@500", 1000)])
def test_faults_on_demand_break_a_connection_as_they_say(fault, code):
    """T-35, T-36: a reset has no close frame."""

    async def run():
        async with Served(faults=Faults([parse(fault)])) as fake, connect(url(fake)) as socket:
            await say(socket, PCM[:32_000])
            try:
                while True:
                    await asyncio.wait_for(socket.recv(), 10)
            except ConnectionClosed:
                return socket.close_code

    assert asyncio.run(run()) == code


def test_an_upgrade_that_is_held_back_comes_late():
    """T-35: and nothing is lost."""

    async def run():
        async with Served(faults=Faults([parse("header-delay=200")])) as fake:
            asked_ms = fake.clock.now_ms()
            async with connect(url(fake)) as socket:
                late_ms = fake.clock.now_ms() - asked_ms
                await say(socket)
                await end_with("empty event", socket)
                return late_ms, said(await everything(socket))

    late_ms, words = asyncio.run(run())
    assert late_ms >= 200
    assert words == final_of("austen-0880")
