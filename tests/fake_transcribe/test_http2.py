"""HTTP/2 as clients of every kind speak it: prior knowledge, early GOAWAY, small windows, resets, silence."""

import asyncio
import contextlib
import json
import socket

import h2.config
import h2.connection
import h2.errors
import h2.events
import h2.settings
import pytest

from fake_transcribe import limits
from fake_transcribe.event_stream import Decoder
from fake_transcribe.faults import Faults, parse
from tests.fake_transcribe import signed
from tests.fake_transcribe.served import Served, final_of, pcm_of


class Client:
    """A bare HTTP/2 client that does what a test says, and keeps what it gets."""

    def __init__(self, fake: Served, *, tls=None, initial_window: int | None = None) -> None:
        self.fake, self._tls = fake, tls
        self.h2 = h2.connection.H2Connection(h2.config.H2Configuration(header_encoding="utf-8"))
        self._window = initial_window
        self.headers: dict[int, dict[str, str]] = {}
        self.body: dict[int, bytes] = {}
        self.ended: set[int] = set()
        self.events: list = []
        self.lost = False
        self.grants = True

    async def __aenter__(self) -> "Client":
        port = self.fake.port if self._tls else self.fake.plain_port
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", port, ssl=self._tls)
        self.h2.initiate_connection()
        if self._window is not None:
            self.h2.update_settings({h2.settings.SettingCodes.INITIAL_WINDOW_SIZE: self._window})
        self.flush()
        return self

    async def __aexit__(self, *_) -> None:
        self.writer.transport.abort()
        await asyncio.sleep(0)

    def flush(self) -> None:
        self.writer.write(self.h2.data_to_send())

    def open(self, **parameters: str) -> signed.Chunks:
        """Ask for a stream; returns what signs its chunks."""
        headers = signed.request(self.fake.clock.now_ms(), "localhost", **parameters)
        self.number = self.h2.get_next_available_stream_id()
        self.h2.send_headers(self.number, list(headers.items()))
        self.flush()
        return signed.Chunks(headers["authorization"])

    async def say(self, chunks: signed.Chunks, pcm: bytes, *, end: bool = True) -> None:
        """Stream the audio and end."""
        now_ms = self.fake.clock.now_ms()
        for start in range(0, len(pcm), 3200):
            data = chunks.frame(signed.audio_event(pcm[start : start + 3200]), now_ms)
            while self.h2.local_flow_control_window(self.number) < len(data):
                if not await self.take():
                    return
            self.h2.send_data(self.number, data)
            self.flush()
        if end:
            self.h2.send_data(self.number, chunks.frame(b"", now_ms), end_stream=True)
            self.flush()

    async def take(self) -> bool:
        """The next bytes, or False when there are no more."""
        try:
            data = await asyncio.wait_for(self.reader.read(65_536), 10)
        except ConnectionError:
            data = b""
        if not data:
            self.lost = True
            return False
        for event in self.h2.receive_data(data):
            self.events.append(event)
            if isinstance(event, h2.events.ResponseReceived):
                self.headers[event.stream_id] = dict(event.headers)
            elif isinstance(event, h2.events.DataReceived):
                self.body[event.stream_id] = self.body.get(event.stream_id, b"") + event.data
                if self.grants:
                    self.h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
            elif isinstance(event, h2.events.StreamEnded):
                self.ended.add(event.stream_id)
        self.flush()
        return True

    async def until_ended(self, number: int = 1) -> None:
        while number not in self.ended and await self.take():
            pass

    def messages(self, number: int = 1) -> list:
        return Decoder().feed(self.body.get(number, b""))

    def said(self, number: int = 1) -> str:
        results = [one for message in self.messages(number) for one in _results(message.payload)]
        return " ".join(one["Alternatives"][0]["Transcript"] for one in results if not one["IsPartial"])


def _results(payload: bytes):
    return json.loads(payload).get("Transcript", {}).get("Results", [])


PCM = pcm_of("austen-0880")


@pytest.mark.parametrize("way", ["alpn", "no alpn", "plain"])
def test_http2_is_spoken_with_alpn_and_with_prior_knowledge(way):
    """T-01, T-02: over TLS with `h2` agreed, over TLS with nothing agreed, and in the clear."""

    async def run():
        async with Served() as fake:
            tls = None if way == "plain" else fake.trusting(("h2",) if way == "alpn" else ())
            async with Client(fake, tls=tls) as client:
                await client.say(client.open(), PCM)
                await client.until_ended()
                return client.said()

    assert asyncio.run(run()) == final_of("austen-0880")


@pytest.mark.parametrize("version", ["TLSv1_2", "TLSv1_3"])
def test_both_versions_of_tls_are_spoken(version):
    """T-01."""
    import ssl

    async def run():
        async with Served() as fake:
            tls = fake.trusting(("h2",))
            tls.minimum_version = tls.maximum_version = ssl.TLSVersion[version]
            async with Client(fake, tls=tls) as client:
                client.open()
                while not client.headers:
                    await client.take()
                return client.headers[1][":status"]

    assert asyncio.run(run()) == "200"


def test_the_headers_come_before_any_audio():
    """T-15: one client sends none before it has them."""

    async def run():
        async with Served() as fake, Client(fake) as client:
            client.open(session_id="11111111-2222-4333-8444-555555555555")
            while not client.headers:
                await client.take()
            return client.headers[1]

    headers = asyncio.run(run())
    assert headers["x-amzn-transcribe-session-id"] == "11111111-2222-4333-8444-555555555555"
    assert headers["x-amzn-requestid"] == headers["x-amzn-request-id"]
    assert headers["content-type"] == "application/vnd.amazon.eventstream"


def test_a_clients_early_goaway_does_not_end_its_stream_and_a_ping_is_answered():
    """T-04: JavaScript's client sends GOAWAY(NO_ERROR, 0) as soon as it has the headers."""

    async def run():
        async with Served() as fake, Client(fake) as client:
            chunks = client.open()
            while not client.headers:
                await client.take()
            client.writer.write(bytes.fromhex("000008070000000000" + "00000000" + "00000000"))
            client.h2.ping(b"12345678")
            await client.say(chunks, PCM)
            await client.until_ended()
            return client

    client = asyncio.run(run())
    assert client.said() == final_of("austen-0880")
    assert any(isinstance(event, h2.events.PingAckReceived) for event in client.events)


def test_end_stream_comes_after_the_last_event():
    """T-06: the final is the last event, and the stream has ended with it or right behind it."""

    async def run():
        async with Served() as fake, Client(fake) as client:
            await client.say(client.open(), PCM)
            await client.until_ended()
            return client, fake.watching.kinds()

    client, told = asyncio.run(run())
    assert not _results(client.messages()[-1].payload)[0]["IsPartial"]
    assert 1 in client.ended
    assert told[0] == "opened"
    assert told[-1] == "closed"


@pytest.mark.parametrize("first_is_over", [False, True])
def test_a_second_stream_on_a_connection_is_refused(first_is_over):
    """T-07: while the first is open, and after it too."""

    async def run():
        async with Served() as fake, Client(fake) as client:
            chunks = client.open()
            if first_is_over:
                await client.say(chunks, PCM)
                await client.until_ended()
            client.open()
            await client.until_ended(3)
            return client

    client = asyncio.run(run())
    assert client.headers[3][":status"] == "400"
    assert client.headers[3]["x-amzn-errortype"] == "BadRequestException"
    assert json.loads(client.body[3])["Message"].startswith("Your stream is too big. Reduce the frame size")


def test_a_client_with_a_small_window_gets_every_byte_as_it_makes_room():
    """Flow control of what is sent: nothing beyond the window, nothing lost."""

    async def run():
        async with Served() as fake, Client(fake, initial_window=100) as client:
            client.h2.MAX_WINDOW_INCREMENT = 100
            await client.say(client.open(), PCM)
            await client.until_ended()
            return client

    client = asyncio.run(run())
    assert client.said() == final_of("austen-0880")
    sizes = [event.flow_controlled_length for event in client.events if isinstance(event, h2.events.DataReceived)]
    assert max(sizes) <= 100


def test_what_comes_too_early_is_granted_no_window():
    """T-22, T-05: a client that pushes a minute at once can send about ten seconds and what the windows hold."""

    async def run():
        async with Served() as fake, Client(fake) as client:
            chunks = client.open()
            now_ms = fake.clock.now_ms()
            sent_ms = 0
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(0.7):
                    while sent_ms < 60_000:
                        data = chunks.frame(signed.audio_event(bytes(3200)), now_ms)
                        while client.h2.local_flow_control_window(1) < len(data):
                            await client.take()
                        client.h2.send_data(1, data)
                        client.flush()
                        sent_ms += 100
            return sent_ms

    assert 10_000 <= asyncio.run(run()) <= 14_000


def test_a_client_that_does_not_read_is_cut_off_when_too_much_waits_for_it():
    """Bounded buffers: the process stays up, and other streams go on."""

    async def run(monkeypatch):
        monkeypatch.setattr(limits, "UNSENT_BYTES", 2000)
        async with Served() as fake, Client(fake, initial_window=0) as client:
            await client.say(client.open(), pcm_of("austen-0870"), end=False)
            while await client.take():
                pass
            async with Client(fake) as other:
                other.open()
                while not other.headers:
                    await other.take()
            return client.lost, fake.watching.kinds()

    with pytest.MonkeyPatch.context() as monkeypatch:
        lost, told = asyncio.run(run(monkeypatch))
    assert lost
    assert "closed" in told


@pytest.mark.parametrize("how", ["reset", "hang up"])
def test_a_stream_ends_when_its_client_goes(how):
    """RST_STREAM, or the connection's end."""

    async def run():
        async with Served() as fake, Client(fake) as client:
            client.open()
            while not client.headers:
                await client.take()
            if how == "reset":
                client.h2.reset_stream(1, h2.errors.ErrorCodes.CANCEL)
                client.flush()
            else:
                client.writer.transport.abort()
            await asyncio.wait_for(fake.watching.a_stream_closed.wait(), 10)
            return fake.server.service.open_streams()

    assert asyncio.run(run()) == []


def test_a_client_that_has_vanished_is_told_of_the_silence_and_then_cut_off(monkeypatch):
    """Half-open: nothing more comes from it, not even its end; the exception, END_STREAM, and the socket closes."""
    monkeypatch.setattr(limits, "SILENCE_TIMEOUT_MS", 200)
    monkeypatch.setattr(limits, "LINGER_S", 0.1)

    async def run():
        async with Served() as fake, Client(fake) as client:
            client.open()
            while await client.take():
                pass
            return client

    client = asyncio.run(run())
    assert client.lost
    last = client.messages()[-1]
    assert last.header(":exception-type") == "BadRequestException"
    assert "no new audio was received for 15 seconds" in last.payload.decode()
    assert 1 in client.ended


@pytest.mark.parametrize("port", ["port", "plain_port"])
def test_a_connection_that_asks_nothing_is_closed(port, monkeypatch):
    """Not even a TLS handshake."""
    monkeypatch.setattr(limits, "HANDSHAKE_S", 0.1)

    async def run():
        async with Served() as fake:
            reader, writer = await asyncio.open_connection("127.0.0.1", getattr(fake, port))
            data = await asyncio.wait_for(reader.read(), 10)
            writer.close()
            return data

    assert asyncio.run(run()) == b""


@pytest.mark.parametrize(
    "data",
    [
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\xff" * 100_000,
        b"PRI * HTTP/1.0\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"x: " + b"y" * 40_000,
        b"\x16\x03\x01\x02\x00\x01\x00",
        b"POST /_fake/faults HTTP/1.1\r\nhost: x\r\ncontent-length: 70000\r\n\r\n" + b" " * 70_000,
    ],
    ids=["overlong frame", "other preface", "endless header", "TLS where there is none", "large body"],
)
def test_bytes_that_are_no_request_end_their_connection_alone(data):
    """The next client is served."""

    async def run():
        async with Served() as fake:
            reader, writer = await asyncio.open_connection("127.0.0.1", fake.plain_port)
            writer.write(data)
            if data.startswith(b"\x16"):
                writer.write_eof()
            with contextlib.suppress(ConnectionError):
                await asyncio.wait_for(reader.read(), 10)
            writer.close()
            async with Client(fake) as client:
                client.open()
                while not client.headers:
                    await client.take()
                return client.headers[1][":status"]

    assert asyncio.run(run()) == "200"


def test_a_refusal_before_the_stream_is_a_status_a_type_and_a_message():
    """T-34: and the audio that is on its way already does no harm."""

    async def run():
        faults = Faults([parse("exception=ServiceUnavailableException")])
        async with Served(faults=faults) as fake, Client(fake) as client:
            await client.say(client.open(), PCM)
            await client.until_ended()
            return client

    client = asyncio.run(run())
    assert client.headers[1][":status"] == "503"
    assert client.headers[1]["x-amzn-errortype"] == "ServiceUnavailableException"
    assert json.loads(client.body[1]) == {"Message": "The service is currently unavailable. Try your request later."}


def test_a_reset_on_demand_is_a_tcp_reset():
    """T-35: not a mere end."""

    async def run():
        async with Served(faults=Faults([parse("reset@500")])) as fake, Client(fake) as client:
            await client.say(client.open(), PCM, end=False)
            try:
                while await client.reader.read(65_536):
                    pass
            except ConnectionResetError:
                return True
            return False

    assert asyncio.run(run())


class Noting(h2.connection.H2Connection):
    """Goes on after a GOAWAY, as the RFC has it, and remembers the last stream that it named."""

    named: int | None = None

    def _receive_goaway_frame(self, frame):
        self.named = frame.last_stream_id
        return [], []


def test_a_goaway_on_demand_lets_the_stream_go_on():
    """T-35: it announces that no other stream will be taken."""

    async def run():
        async with Served(faults=Faults([parse("goaway@500")])) as fake:
            client = Client(fake)
            client.h2 = Noting(h2.config.H2Configuration(header_encoding="utf-8"))
            async with client:
                await client.say(client.open(), PCM)
                await client.until_ended()
                return client

    client = asyncio.run(run())
    assert client.h2.named == 1
    assert client.said() == final_of("austen-0880")


def test_headers_on_demand_come_late_and_lose_nothing():
    """T-35: what the client sends meanwhile is kept."""

    async def run():
        async with Served(faults=Faults([parse("header-delay=200")])) as fake, Client(fake) as client:
            asked_ms = fake.clock.now_ms()
            await client.say(client.open(), PCM[:32_000], end=False)
            while not client.headers:
                await client.take()
            late_ms = fake.clock.now_ms() - asked_ms
            while not client.messages():
                await client.take()
            return late_ms

    assert asyncio.run(run()) >= 200


def test_the_fakes_own_route_answers_over_http1():
    """Faults are ordered while it runs."""

    async def run():
        async with Served() as fake:
            reader, writer = await asyncio.open_connection("127.0.0.1", fake.plain_port)
            body = b'["reset@5*2"]'
            writer.write(b"POST /_fake/faults HTTP/1.1\r\nhost: x\r\ncontent-length: %d\r\n\r\n" % len(body) + body)
            answer = await asyncio.wait_for(reader.read(), 10)
            writer.close()
            return answer

    head, _, body = asyncio.run(run()).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200")
    assert json.loads(body) == {"faults": ["reset@5*2"], "streams": 0}


def test_the_fake_listens_on_loopback_only():
    """Whoever starts it says where; its own command says 127.0.0.1."""
    from fake_transcribe import __main__ as command

    assert socket.inet_aton(command.HOST)[0] == 127
