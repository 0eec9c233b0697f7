"""Route `sendAudio`: what is taken, what is refused, and what it costs."""

import base64
import json
from dataclasses import dataclass, field
from typing import Any

import pytest
from audio_processor import limits
from audio_processor.ingest import Ingest
from audio_processor.invocation import StreamWorkerRequest
from broadcast.connections import ConnectionRecord
from broadcast.errors import Refusal
from broadcast.events import Caller
from broadcast.sessions import Session

SESSION = "calm-otter-123"
NOW = 1_700_000_000_000


def _session(**changes: Any) -> Session:
    fields: dict[str, Any] = {
        "sessionId": SESSION,
        "status": "active",
        "speakerUserId": "u",
        "speakerConnectionId": "c1",
        "sourceLanguage": "en",
        "qualityTier": "standard",
        "queueUrl": "queue",
        "callbackUrl": "https://api.example/prod",
        "createdAtMs": NOW,
        "endsAtMs": NOW + 7_200_000,
        "expiresAt": NOW // 1_000 + 50_400,
        "leaseExpiresAtMs": NOW + 5_000,
    }
    return Session(**(fields | changes))


@dataclass
class FakePorts:
    found: Session | None
    role: str = "speaker"
    session_id: str | None = SESSION
    calls: list[str] = field(default_factory=list)
    sent: list[dict[str, Any]] = field(default_factory=list)
    started: list[StreamWorkerRequest] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    details: list[dict[str, Any] | None] = field(default_factory=list)
    claimed: bool = True
    """Whether nobody else has asked for a worker lately."""
    down: tuple[str, ...] = ()
    """Calls that are not answered."""
    meanwhile: Session | None = None
    """The session as it is when a first chunk cannot be noted: another environment was first, or it has ended."""

    def _call(self, name: str) -> None:
        self.calls.append(name)
        if name in self.down:
            raise Refusal("SERVICE_UNAVAILABLE", "not answered")

    def connection(self, connection_id: str) -> ConnectionRecord | None:
        self._call("connection")
        return ConnectionRecord(
            connectionId=connection_id,
            role=self.role,
            userId="u",
            callbackUrl="https://api.example/prod",
            connectedAtMs=NOW,
            ttl=0,
            sessionId=self.session_id,
        )

    def session(self, session_id: str) -> Session | None:
        self._call("session")
        return self.found

    def note_audio(self, session_id: str, now_ms: int) -> bool:
        self._call("note_audio")
        if self.meanwhile is not None:
            self.found = self.meanwhile
        return self.meanwhile is None

    def send(self, queue_url: str, body: str) -> None:
        self._call("send")
        self.sent.append(json.loads(body))

    def claim_start(self, session_id: str, now_ms: int) -> bool:
        self._call("claim_start")
        return self.claimed

    def start_worker(self, request: StreamWorkerRequest) -> None:
        self.calls.append("start_worker")
        self.started.append(request)

    def refuse(self, caller: Caller, refusal: Refusal) -> None:
        self.refused.append(refusal.code)
        self.details.append(refusal.details)


class Clock:
    now = NOW

    def __call__(self) -> int:
        return self.now


def _event(message: Any = None, *, role: str = "speaker") -> dict[str, Any]:
    if message is None:
        message = {"action": "sendAudio", "seq": 0, "audio": _audio(3_200)}
    return {
        "requestContext": {
            "routeKey": "sendAudio",
            "connectionId": "c1",
            "requestId": "r",
            "domainName": "api.example",
            "stage": "prod",
            "identity": {"sourceIp": "127.0.0.1"},
            "authorizer": {"role": role, "userId": "u"},
        },
        "body": message if isinstance(message, str) else json.dumps(message),
    }


def _audio(size: int) -> str:
    return base64.b64encode(bytes(size)).decode()


def test_the_steady_state_is_one_call_a_chunk():
    ports, clock = FakePorts(_session()), Clock()
    ingest = Ingest(ports, clock)
    for seq in range(4):
        assert ingest.handle(_event({"seq": seq, "audio": _audio(3_200)})) == {"statusCode": 200}
        clock.now += 100
    assert ports.calls == ["connection", "session", "send", "send", "send", "send"]
    assert ports.sent[3] == {
        "seq": 3,
        "audio": _audio(3_200),
        "receivedAtMs": NOW + 300,
        "arrivedAtMs": NOW + 300,
        "connectionId": "c1",
    }


def test_the_session_is_cached_for_two_seconds_and_no_longer():
    """What the connection is, for as long as it speaks in that session."""
    ports, clock = FakePorts(_session(leaseExpiresAtMs=NOW + 60_000)), Clock()
    ingest = Ingest(ports, clock)
    ingest.handle(_event())
    clock.now = NOW + limits.INGEST_CACHE_MS - 1
    ingest.handle(_event())
    assert ports.calls.count("session") == 1
    clock.now += 1
    ingest.handle(_event())
    assert (ports.calls.count("session"), ports.calls.count("connection")) == (2, 1)


@pytest.mark.parametrize("changes", [{"status": "ended"}, {"speakerConnectionId": "c2"}])
def test_a_connection_whose_session_is_no_longer_its_own_is_looked_at_again(changes):
    """It may have opened another by now."""
    ports, clock = FakePorts(_session(leaseExpiresAtMs=NOW + 60_000)), Clock()
    ingest = Ingest(ports, clock)
    ingest.handle(_event())
    ports.found = _session(**changes)
    clock.now += limits.INGEST_CACHE_MS
    ingest.handle(_event())
    assert ports.calls == ["connection", "session", "send", "session", "connection", "session"]
    assert len(ports.refused) == 1


def test_a_session_without_a_live_lease_gets_one_worker_for_each_look():
    ports = FakePorts(_session(leaseExpiresAtMs=NOW))
    ingest = Ingest(ports, Clock())
    ingest.handle(_event())
    ingest.handle(_event())
    assert ports.started == [
        StreamWorkerRequest(session_id=SESSION, queue_url="queue", callback_url="https://api.example/prod")
    ]


def test_a_worker_that_another_environment_asked_for_is_not_started_twice():
    """The chunks that come while it starts are queued for it."""
    ports = FakePorts(_session(leaseExpiresAtMs=NOW), claimed=False)
    Ingest(ports, Clock()).handle(_event())
    assert (ports.started, len(ports.sent)) == ([], 1)


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("no JSON", "INVALID_MESSAGE"),
        ("[]", "INVALID_MESSAGE"),
        ({"audio": _audio(100)}, "INVALID_PARAMETER"),
        ({"seq": -1, "audio": _audio(100)}, "INVALID_PARAMETER"),
        ({"seq": True, "audio": _audio(100)}, "INVALID_PARAMETER"),
        ({"seq": 1.5, "audio": _audio(100)}, "INVALID_PARAMETER"),
        ({"seq": 2**53, "audio": _audio(100)}, "INVALID_PARAMETER"),
        ({"seq": 0}, "INVALID_PARAMETER"),
        ({"seq": 0, "audio": 7}, "INVALID_PARAMETER"),
        ({"seq": 0, "audio": ""}, "INVALID_AUDIO_FORMAT"),
        ({"seq": 0, "audio": "not base64!"}, "INVALID_AUDIO_FORMAT"),
        ({"seq": 0, "audio": "é"}, "INVALID_AUDIO_FORMAT"),
        ({"seq": 0, "audio": _audio(101)}, "INVALID_AUDIO_FORMAT"),
        ({"seq": 0, "audio": _audio(98)}, "INVALID_AUDIO_FORMAT"),
        ({"seq": 0, "audio": _audio(24_002)}, "AUDIO_CHUNK_TOO_LARGE"),
    ],
)
def test_a_refused_chunk_is_answered_with_its_code_and_changes_nothing(message, code):
    ports = FakePorts(_session())
    assert Ingest(ports, Clock()).handle(_event(message)) == {"statusCode": 200}
    assert ports.refused == [code]
    assert ports.calls == []


@pytest.mark.parametrize("size", [100, 24_000])
def test_the_limits_of_size_are_taken(size):
    ports = FakePorts(_session())
    Ingest(ports, Clock()).handle(_event({"seq": 0, "audio": _audio(size)}))
    assert (len(ports.sent), ports.refused) == (1, [])


@pytest.mark.parametrize(
    ("ports", "role", "code"),
    [
        (FakePorts(_session()), "listener", "UNAUTHORIZED_ACTION"),
        (FakePorts(_session(), role="listener"), "speaker", "UNAUTHORIZED_ACTION"),
        (FakePorts(_session(speakerConnectionId="other")), "speaker", "UNAUTHORIZED_ACTION"),
        (FakePorts(_session(), session_id=None), "speaker", "SESSION_NOT_FOUND"),
        (FakePorts(None), "speaker", "SESSION_NOT_FOUND"),
        (FakePorts(_session(status="ended")), "speaker", "SESSION_NOT_FOUND"),
    ],
)
def test_only_a_live_sessions_own_speaker_is_heard(ports, role, code):
    Ingest(ports, Clock()).handle(_event(role=role))
    assert (ports.refused, ports.sent, ports.started) == ([code], [], [])


def test_a_refusal_is_not_remembered():
    ports = FakePorts(None)
    ingest = Ingest(ports, Clock())
    ingest.handle(_event())
    ports.found = _session()
    ingest.handle(_event())
    assert (ports.refused, len(ports.sent)) == (["SESSION_NOT_FOUND"], 1)


def test_the_rate_of_chunks_has_one_to_spare_and_recovers():
    ports, clock = FakePorts(_session()), Clock()
    ingest = Ingest(ports, clock)
    for _ in range(limits.CHUNKS_PER_S + 1):
        ingest.handle(_event())
    assert ports.refused == []
    ingest.handle(_event())
    assert ports.refused == ["RATE_LIMIT_EXCEEDED"]
    clock.now += 1_000
    ingest.handle(_event())
    assert len(ports.sent) == limits.CHUNKS_PER_S + 2


def test_the_next_chunk_that_is_taken_says_how_many_were_refused_before_it():
    """So that the stream worker's count over all environments is whole."""
    ports, clock = FakePorts(_session()), Clock()
    ingest = Ingest(ports, clock)
    for _ in range(limits.CHUNKS_PER_S + 4):
        ingest.handle(_event())
    clock.now += 1_000
    ingest.handle(_event())
    ingest.handle(_event())
    assert [one.get("refusedBefore") for one in ports.sent[-3:]] == [None, 3, None]


def test_the_rate_is_that_of_the_gateways_clock_however_late_the_function_begins():
    ports, clock = FakePorts(_session()), Clock()
    ingest = Ingest(ports, clock)
    for number in range(limits.CHUNKS_PER_S + 2):
        event = _event()
        event["requestContext"]["requestTimeEpoch"] = NOW + 10 * number
        clock.now = NOW + 100 * number
        ingest.handle(event)
    assert ports.refused == ["RATE_LIMIT_EXCEEDED"]
    assert ports.sent[3]["arrivedAtMs"] == NOW + 30


def test_a_table_that_does_not_answer_ends_no_broadcast():
    """What was true lately is taken to be true for a while, and then the speaker is told which way to go."""
    ports, clock = FakePorts(_session()), Clock()
    ingest = Ingest(ports, clock)
    ingest.handle(_event())
    ports.down = ("connection", "session")
    clock.now += limits.INGEST_CACHE_MS + limits.INGEST_STALE_MS - 1
    ingest.handle(_event())
    assert (len(ports.sent), ports.refused) == (2, [])
    clock.now += limits.INGEST_RETRY_MS
    ingest.handle(_event())
    assert (len(ports.sent), ports.refused) == (2, ["SERVICE_UNAVAILABLE"])
    ports.down = ()
    ingest.handle(_event())
    assert len(ports.sent) == 3


def test_no_chunk_waits_for_a_table():
    """One short attempt, then the table is left alone for a while; where nothing is known the speaker is told, whose
    next attempt may meet an environment that knows."""
    ports, clock = FakePorts(_session()), Clock()
    ingest = Ingest(ports, clock)
    ingest.handle(_event())
    ports.down = ("connection", "session")
    clock.now += limits.INGEST_CACHE_MS
    del ports.calls[:]
    for _ in range(3):
        ingest.handle(_event())
        clock.now += limits.INGEST_RETRY_MS // 2
    assert ports.calls == ["session", "send", "send", "session", "send"]
    another = Ingest(ports, clock)
    del ports.calls[:]
    another.handle(_event())
    assert (ports.calls, ports.refused) == (["connection"], ["SERVICE_UNAVAILABLE"])


def test_a_first_chunk_is_noted_once_before_it_is_accepted():
    """A session that ends without one has no words that its listeners would have to wait for."""
    ports = FakePorts(_session(audioAtMs=0))
    ingest = Ingest(ports, Clock())
    ingest.handle(_event())
    ingest.handle(_event())
    assert ports.calls == ["connection", "session", "note_audio", "send", "send"]


def test_a_first_chunk_that_another_environment_noted_is_accepted():
    """The session is looked at again: what could not be noted may have ended."""
    ports = FakePorts(_session(audioAtMs=0), meanwhile=_session(audioAtMs=NOW))
    ingest = Ingest(ports, Clock())
    ingest.handle(_event())
    ingest.handle(_event())
    assert ports.calls == ["connection", "session", "note_audio", "connection", "session", "send", "send"]


def test_a_first_chunk_of_a_session_that_has_ended_meanwhile_is_refused():
    """Its listeners have been told already that nothing comes."""
    ports = FakePorts(_session(audioAtMs=0), meanwhile=_session(audioAtMs=0, status="ended"))
    Ingest(ports, Clock()).handle(_event())
    assert (ports.refused, ports.sent) == (["SESSION_NOT_FOUND"], [])


@pytest.mark.parametrize("down", ["connection", "session", "note_audio", "send"])
def test_a_chunk_that_could_not_be_taken_is_named_so_that_it_can_be_sent_again(down):
    """Whichever service does not answer."""
    ports = FakePorts(_session(audioAtMs=0), down=(down,))
    ingest = Ingest(ports, Clock())
    ingest.handle(_event({"seq": 7, "audio": _audio(3_200)}))
    assert (ports.refused, ports.details) == (["SERVICE_UNAVAILABLE"], [{"seq": 7}])
    ports.down = ()
    ingest.handle(_event({"seq": 7, "audio": _audio(3_200)}))
    assert [one["seq"] for one in ports.sent] == [7]
