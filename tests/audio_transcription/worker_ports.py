"""The ports of one worker in a test's world."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from audio_processor import limits
from audio_processor.checkpoint import Checkpoint, from_map
from audio_processor.chunk import Chunk, Delivery
from audio_processor.errors import LeaseLostError, QueueGoneError, ServiceCallError, StreamError
from audio_processor.lease import Lease
from audio_processor.ports import SessionView
from broadcast.segments import SegmentRequest

from tests.audio_transcription.fake_stream import FakeStream
from tests.audio_transcription.virtual_time import EPOCH_MS

if TYPE_CHECKING:
    from tests.audio_transcription.worker_world import Message, Port, World


class FakeStore:
    def __init__(self, port: "Port") -> None:
        self._port = port
        self._item = port.world.item

    def _view(self) -> SessionView:
        stored = self._item["checkpoint"]
        return SessionView(
            is_active=self._item["active"],
            ended_at_ms=self._item["ended_at_ms"],
            words_are_out=self._item["words_are_out"],
            silent_since_ms=self._item["silent_since_ms"],
            silences=self._item["silences"],
            source_language="en",
            quality_tier="premium",
            speaker_connection_id="speaker",
            volume=self._item["volume"],
            lease=self._item["lease"],
            checkpoint=from_map(json.loads(stored)) if stored else Checkpoint(),
        )

    def _hold(self, owner: str, token: int, lease: Lease, checkpoint: Checkpoint) -> SessionView:
        held: Lease = self._item["lease"]
        if (held.owner, held.token) != (owner, token):
            raise LeaseLostError(session_id="the session", token=token)
        self._item["lease"] = lease
        self._item["checkpoint"] = json.dumps(checkpoint.to_map())
        return self._view()

    async def read(self) -> SessionView | None:
        return await self._port.call(self._view, takes_ms=self._port.world.faults.look_takes_ms)

    async def acquire(self, *, owner: str, seen: Lease, now_ms: int, expires_at_ms: int) -> SessionView | None:
        def effect() -> SessionView | None:
            held: Lease = self._item["lease"]
            may_have_words = self._item["active"] or self._item["ended_at_ms"] > now_ms - limits.WORDS_LEFT_MS
            if not may_have_words or self._item["words_are_out"]:
                return None
            if held.token != seen.token or held.is_live(now_ms):
                return None
            self._item["lease"] = Lease(token=seen.token + 1, owner=owner, expires_at_ms=expires_at_ms)
            return self._view()

        return await self._port.call(effect)

    async def announce(self, *, owner: str, predecessor_token: int) -> None:
        def effect() -> None:
            held: Lease = self._item["lease"]
            if held.token == predecessor_token and not held.successor:
                self._item["lease"] = replace(held, successor=owner)

        await self._port.call(effect)

    async def save(self, *, owner: str, token: int, expires_at_ms: int, checkpoint: Checkpoint) -> SessionView:
        def effect() -> SessionView:
            lease = replace(self._item["lease"], expires_at_ms=expires_at_ms)
            return self._hold(owner, token, lease, checkpoint)

        self._port.mortal.dead |= self._port.mortal.dies_at_first_save
        return await self._port.call(effect, takes_ms=self._port.world.faults.look_takes_ms)

    async def pass_on(
        self, *, owner: str, token: int, successor: str, expires_at_ms: int, checkpoint: Checkpoint
    ) -> None:
        lease = Lease(token=token + 1, owner=successor, expires_at_ms=expires_at_ms)
        await self._port.call(lambda: self._hold(owner, token, lease, checkpoint))

    async def release(
        self, *, owner: str, token: int, checkpoint: Checkpoint, words_out_at_ms: int | None = None
    ) -> None:
        def effect() -> None:
            self._hold(owner, token, Lease(token=token, owner=owner, expires_at_ms=0), checkpoint)
            self._item["words_are_out"] |= words_out_at_ms is not None

        await self._port.call(effect)


class FakeQueue:
    """A standard queue: at least once, not quite in order, with visibility timeouts."""

    def __init__(self, port: "Port") -> None:
        self._port = port
        self._world = port.world

    async def receive(self) -> Delivery:
        return await self._port.call(self._receive)

    async def _receive(self) -> Delivery:
        world = self._world
        ends_ms = world.clock.now_ms() + limits.RECEIVE_WAIT_S * 1_000
        while True:
            if not world.queue_exists:
                raise QueueGoneError(queue_url="queue")
            now_ms = world.clock.now_ms()
            begin, end = world.faults.queue_down_ms
            if begin <= now_ms - EPOCH_MS < end:
                raise ServiceCallError(code="InternalFailure")
            visible = [message for message in world.messages if message.visible_at_ms <= now_ms]
            if visible:
                delivery = self._delivery(visible[: limits.BATCH_ENTRIES], now_ms)
                lost_ms = world.faults.answer_lost_at_ms
                if lost_ms is not None and now_ms - EPOCH_MS >= lost_ms and not world.answers_lost:
                    world.answers_lost += 1
                    raise ServiceCallError(code="InternalFailure")
                return delivery
            if now_ms >= ends_ms:
                return Delivery()
            coming = [message.visible_at_ms for message in world.messages]
            until_ms = min([ends_ms, *coming])
            try:
                async with asyncio.timeout(max(1, until_ms - now_ms) / 1_000):
                    await world.arrived.wait()
            except TimeoutError:
                continue

    def _delivery(self, messages: Sequence["Message"], now_ms: int) -> Delivery:
        told = [message for message in messages if "kind" in message.body]
        for message in told:
            message.visible_at_ms = now_ms + limits.VISIBILITY_MS
        times = [message.body["sinceMs"] for message in told if "sinceMs" in message.body]
        return Delivery(
            chunks=tuple(self._take(message, now_ms) for message in messages if message not in told),
            state_changed=bool(told),
            changed_since_ms=min(times, default=None),
            read=tuple(message.message_id for message in told),
        )

    def _take(self, message: "Message", now_ms: int) -> Chunk:
        again = self._world.chance.random() < self._world.faults.redelivered
        message.visible_at_ms = now_ms + (300 if again else limits.VISIBILITY_MS)
        message.receipt += 1
        return Chunk(
            seq=message.body["seq"],
            audio=message.body["audio"],
            received_at_ms=message.body["receivedAtMs"],
            message_id=message.message_id,
            receipt_handle=f"{message.message_id}/{message.receipt}",
            taken_at_ms=now_ms,
            arrived_at_ms=message.body["receivedAtMs"],
            connection_id=message.body["connectionId"],
        )

    def _by_receipt(self, chunks: Sequence[Chunk]) -> list["Message"]:
        """As on SQS, an older receipt handle may still work; what is deleted is passed over."""
        ids = {chunk.receipt_handle.split("/")[0] for chunk in chunks}
        return [message for message in self._world.messages if message.message_id in ids]

    async def delete(self, chunks: Sequence[Chunk]) -> None:
        def effect() -> None:
            gone = self._by_receipt(chunks)
            self._world.messages = [message for message in self._world.messages if message not in gone]

        await self._port.call(effect)

    async def discard(self, handles: Sequence[str]) -> None:
        def effect() -> None:
            self._world.messages = [one for one in self._world.messages if one.message_id not in handles]

        await self._port.call(effect)

    async def extend(self, chunks: Sequence[Chunk]) -> None:
        await self._port.call(lambda: self._show(chunks, limits.VISIBILITY_MS))

    async def put_back(self, chunks: Sequence[Chunk]) -> None:
        await self._port.call(lambda: self._show(chunks, 0))

    def _show(self, chunks: Sequence[Chunk], after_ms: int) -> None:
        for message in self._by_receipt(chunks):
            message.visible_at_ms = self._world.clock.now_ms() + after_ms
        self._world.arrive()

    async def tell_of_change(self) -> None:
        await self._port.call(self._world.tell_of_change)

    async def remove(self) -> None:
        def effect() -> None:
            self._world.queue_exists = False

        await self._port.call(effect)


class FakeSideOfStream:
    """`ports.TranscribeStream`: a worker's end of a stream."""

    def __init__(self, port: "Port", stream: FakeStream) -> None:
        self._port = port
        self._stream = stream

    async def send(self, audio: bytes) -> None:
        if self._port.mortal.dead:
            return
        self._stream.hear(audio)

    @property
    def unread_ms(self) -> int:
        return self._port.world.faults.unread_ms(self._port.world.clock.now_ms())

    async def end(self) -> None:
        await self._port.call(self._stream.end)

    async def results(self) -> AsyncIterator[Sequence[Any]]:
        while True:
            event = await self._stream.next_event()
            if self._port.mortal.dead:
                await self._port.for_ever()
            if event is None:
                return
            yield event


class FakeTranscriber:
    def __init__(self, port: "Port") -> None:
        self._port = port

    async def open(self, *, language: str) -> FakeSideOfStream:
        def effect() -> FakeSideOfStream:
            world = self._port.world
            world.counts["openings"] = world.counts.get("openings", 0) + 1
            if world.counts["openings"] <= world.faults.opening_fails:
                raise StreamError(code="LimitExceededException", message="too many")
            world.streams.append(
                FakeStream(
                    script=world.script,
                    clock=world.clock,
                    number=len(world.streams),
                    fails_at_ms=world.faults.stream_fails_at_ms,
                    failed=world.failed_streams,
                )
            )
            return FakeSideOfStream(self._port, world.streams[-1])

        return await self._port.call(effect, takes_ms=250)


class FakeOutside:
    def __init__(self, port: "Port") -> None:
        self._port = port

    async def forward(self, segment: SegmentRequest) -> None:
        def effect() -> None:
            world = self._port.world
            world.counts["forwards"] = world.counts.get("forwards", 0) + 1
            if world.counts["forwards"] <= world.faults.forward_fails:
                raise ServiceCallError(code="TooManyRequestsException")
            world.forwarded.append(segment)

        await self._port.call(effect, takes_ms=15)

    async def start_successor(self, *, predecessor_token: int, generation: int) -> None:
        def effect() -> None:
            world = self._port.world
            world.counts["successors"] = world.counts.get("successors", 0) + 1
            if world.counts["successors"] <= world.faults.successor_fails:
                raise ServiceCallError(code="ServiceException")
            world.start_worker(predecessor_token=predecessor_token, generation=generation)

        await self._port.call(effect)

    async def warn_speaker(self, *, connection_id: str, message: Mapping[str, Any]) -> None:
        world = self._port.world
        world.warnings.append(message)
        world.warned_at_ms.append(world.clock.now_ms())

    async def close_connection(self, connection_id: str) -> None:
        self._port.world.closed.append(connection_id)


class FakeSettings:
    def __init__(self, world: "World") -> None:
        self._world = world

    async def partial_results(self) -> Mapping[str, Any] | None:
        return self._world.parameter


class FakeMeter:
    def __init__(self, world: "World") -> None:
        self._world = world

    def count(self, name: str, value: int = 1) -> None:
        self._world.counts[name] = self._world.counts.get(name, 0) + value

    def time(self, name: str, value_ms: int) -> None:
        self._world.counts[f"max {name}"] = max(self._world.counts.get(f"max {name}", 0), value_ms)

    def level(self, name: str, value: float, unit: str) -> None:
        self._world.levels.setdefault(name, []).append(value)

    def flush(self) -> None: ...
