"""The worker's shells against moto: conditions, batches, and what a missing queue looks like."""

import asyncio
import base64
import json
import threading
from typing import Any

import boto3
import pytest
from audio_processor import limits, metric_names
from audio_processor.checkpoint import Checkpoint
from audio_processor.chunk import Delivery
from audio_processor.errors import LeaseLostError, QueueGoneError
from audio_processor.lease import Lease
from audio_processor.outside import ParameterSettings
from audio_processor.session_store import DynamoSessionStore
from audio_processor.sqs_queue import SqsAudioQueue
from botocore.client import BaseClient
from broadcast import aws, queues, sessions, workers
from broadcast.sessions import Session
from moto import mock_aws

SESSION = "calm-otter-123"
NOW = 1_700_000_000_000


@pytest.fixture
def cloud(monkeypatch):
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("SESSIONS_TABLE_NAME", "Sessions-test")
    # moto in process forgets a deletion that another thread makes at the same time.
    call, one_at_a_time = BaseClient._make_api_call, threading.Lock()

    def calling(client: BaseClient, *asked: Any) -> Any:
        with one_at_a_time:
            return call(client, *asked)

    monkeypatch.setattr(BaseClient, "_make_api_call", calling)
    with mock_aws():
        aws.client.cache_clear()
        boto3.client("dynamodb").create_table(
            TableName="Sessions-test",
            KeySchema=[{"AttributeName": "sessionId", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "sessionId", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        yield
    aws.client.cache_clear()


def _create_session() -> None:
    sessions.create(
        Session(
            sessionId=SESSION,
            status="active",
            speakerUserId="u",
            speakerConnectionId="c1",
            sourceLanguage="en",
            qualityTier="standard",
            queueUrl="queue",
            callbackUrl="https://api.example/prod",
            createdAtMs=NOW,
            endsAtMs=NOW + 7_200_000,
            expiresAt=NOW // 1_000 + 50_400,
        )
    )


@pytest.mark.usefixtures("cloud")
def test_who_takes_the_lease_is_the_worker_that_was_asked_for():
    """Nobody looks for one that never began."""

    async def scenario() -> None:
        _create_session()
        assert sessions.ask_for_worker(SESSION, now_ms=NOW, patience_ms=0)
        store = DynamoSessionStore(SESSION)
        await store.acquire(owner="a", seen=Lease(), now_ms=NOW, expires_at_ms=NOW + 5_000)
        session = sessions.get(SESSION)
        assert session is not None
        assert session.workerAskedAtMs == 0

    asyncio.run(scenario())


@pytest.mark.usefixtures("cloud")
def test_a_lease_changes_hands_by_its_token_alone():
    async def scenario() -> None:
        _create_session()
        store = DynamoSessionStore(SESSION)
        before = await store.read()
        assert before is not None
        assert before.lease == Lease()
        taken = await store.acquire(owner="a", seen=before.lease, now_ms=NOW, expires_at_ms=NOW + 5_000)
        assert taken is not None
        assert taken.lease == Lease(token=1, owner="a", expires_at_ms=NOW + 5_000)
        assert await store.acquire(owner="b", seen=taken.lease, now_ms=NOW, expires_at_ms=NOW + 9_000) is None

        await store.announce(owner="b", predecessor_token=1)
        await store.announce(owner="c", predecessor_token=1)
        checkpoint = Checkpoint(acked_seq=3, next_sequence=2)
        saved = await store.save(owner="a", token=1, expires_at_ms=NOW + 6_000, checkpoint=checkpoint)
        assert (saved.lease.successor, saved.lease.expires_at_ms, saved.checkpoint) == ("b", NOW + 6_000, checkpoint)

        await store.pass_on(owner="a", token=1, successor="b", expires_at_ms=NOW + 7_000, checkpoint=checkpoint)
        with pytest.raises(LeaseLostError):
            await store.save(owner="a", token=1, expires_at_ms=NOW + 99_000, checkpoint=Checkpoint())
        now = await store.read()
        assert now is not None
        assert (now.lease, now.checkpoint) == (Lease(token=2, owner="b", expires_at_ms=NOW + 7_000), checkpoint)

        await store.release(owner="b", token=2, checkpoint=checkpoint)
        released = await store.read()
        assert released is not None
        assert released.lease.is_released
        assert sessions.get(SESSION) is not None

    asyncio.run(scenario())


@pytest.mark.usefixtures("cloud")
def test_an_ended_session_gives_its_lease_while_words_may_be_left_and_a_missing_one_is_nothing():
    """Not a minute later, and not once they are out."""

    async def scenario() -> None:
        assert await DynamoSessionStore("bold-wolf-100").read() is None
        _create_session()
        sessions.end(SESSION)
        store = DynamoSessionStore(SESSION)
        ended = await store.read()
        assert ended is not None
        assert (ended.is_active, ended.words_are_out) == (False, False)
        late_ms = ended.ended_at_ms + limits.WORDS_LEFT_MS
        assert await store.acquire(owner="a", seen=Lease(), now_ms=late_ms, expires_at_ms=late_ms + 5_000) is None
        now_ms = ended.ended_at_ms + 1_000
        taken = await store.acquire(owner="a", seen=Lease(), now_ms=now_ms, expires_at_ms=now_ms + 5_000)
        assert taken is not None
        await store.release(owner="a", token=1, checkpoint=Checkpoint(), words_out_at_ms=now_ms + 1)
        over = await store.read()
        assert over is not None
        assert over.words_are_out
        assert await store.acquire(owner="b", seen=over.lease, now_ms=now_ms + 2, expires_at_ms=now_ms + 9_000) is None

    asyncio.run(scenario())


@pytest.mark.usefixtures("cloud")
def test_messages_are_received_put_back_and_deleted_in_batches(monkeypatch):
    monkeypatch.setattr(limits, "RECEIVE_WAIT_S", 0)

    async def scenario() -> None:
        url = queues.create("test", SESSION)
        queue = SqsAudioQueue(url)
        for seq in range(23):
            body = {"seq": seq, "audio": base64.b64encode(bytes([seq] * 100)).decode(), "receivedAtMs": NOW}
            boto3.client("sqs").send_message(QueueUrl=url, MessageBody=json.dumps(body))
        for other in ("no chunk", '{"kind": "unknown"}', '["stateChanged"]'):
            boto3.client("sqs").send_message(QueueUrl=url, MessageBody=other)

        async def everything() -> list:
            received: list = []
            while (delivery := await queue.receive()).chunks:
                assert not delivery.state_changed
                await queue.discard(delivery.read)
                received += delivery.chunks
            return received

        chunks = await everything()
        assert sorted(chunk.seq for chunk in chunks) == list(range(23))
        assert all(chunk.audio == bytes([chunk.seq] * 100) for chunk in chunks)
        await queue.extend(chunks)
        await queue.put_back(chunks)
        again = await everything()
        assert {chunk.message_id for chunk in again} == {chunk.message_id for chunk in chunks}
        await queue.delete(again)
        await queue.put_back(again)
        assert await queue.receive() == Delivery()
        await queue.remove()
        await queue.remove()
        with pytest.raises(QueueGoneError):
            await queue.receive()

    asyncio.run(scenario())


@pytest.mark.usefixtures("cloud")
def test_the_worker_is_told_of_a_change_by_a_message_that_is_then_gone(monkeypatch):
    """A queue that is gone, or does not answer, is no failure of whoever tells."""
    monkeypatch.setattr(limits, "RECEIVE_WAIT_S", 0)
    url = queues.create("test", SESSION)
    queue = SqsAudioQueue(url)
    for since_ms in (None, NOW):
        workers.state_changed(url, since_ms=since_ms)
        delivery = asyncio.run(queue.receive())
        assert (delivery.state_changed, delivery.changed_since_ms, delivery.chunks) == (True, since_ms, ())
        asyncio.run(queue.discard(delivery.read))
        assert asyncio.run(queue.receive()) == Delivery()
    queues.delete(url)
    workers.state_changed(url)


@pytest.mark.usefixtures("cloud")
@pytest.mark.parametrize(
    ("stored", "reason"),
    [
        ("no JSON", "expected JSON, got text that is not"),
        ("[1]", "expected a JSON object, got a list"),
        ('{"enabled": "yes"}', "enabled: expected true or false, got 'yes'"),
        ('{"min_stability_threshold": 1.1}', "min_stability_threshold: expected a number from 0 to 1, got 1.1"),
        ('{"max_buffer_timeout": NaN}', "max_buffer_timeout: expected a number from 0.5 to 30, got nan"),
        ('{"max_buffer_timout": 5}', "max_buffer_timout: expected a known setting, got this one"),
        (None, "ParameterNotFound"),
    ],
)
def test_a_parameter_that_is_not_valid_is_refused_with_its_reason_and_counted(monkeypatch, caplog, stored, reason):
    """Whoever reads it goes on with the last that was good."""
    meter = Counts()
    settings = ParameterSettings(meter)
    assert asyncio.run(settings.partial_results()) == {}
    monkeypatch.setenv("PARTIAL_RESULTS_PARAMETER", "/audio/config")
    if stored is not None:
        boto3.client("ssm").put_parameter(Name="/audio/config", Value=stored, Type="String")
    assert asyncio.run(settings.partial_results()) is None
    assert reason in caplog.text
    assert meter.counts == {metric_names.CONFIGURATION_REFUSED: 1}
    boto3.client("ssm").put_parameter(Name="/audio/config", Value='{"enabled": false}', Type="String", Overwrite=True)
    assert asyncio.run(settings.partial_results()) == {"enabled": False}


class Counts:
    """A meter that counts."""

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}

    def count(self, name: str, value: int = 1) -> None:
        self.counts[name] = self.counts.get(name, 0) + value

    def time(self, name: str, value_ms: int) -> None: ...

    def level(self, name: str, value: float, unit: str) -> None: ...

    def flush(self) -> None: ...
