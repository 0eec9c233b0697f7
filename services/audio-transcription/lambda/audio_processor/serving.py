"""A worker's time as owner of a session: chunks in, segments out, until the session ends or the time is up."""

import asyncio
import contextlib
import logging
from collections.abc import Coroutine, Mapping, Sequence
from typing import Any

from broadcast.segments import SegmentRequest, segment_id

from audio_processor import backoff, limits, logs, metric_names, parting, spans
from audio_processor.assignment import Assignment, Ending, Ports
from audio_processor.checkpoint import Checkpoint
from audio_processor.chunk import Chunk
from audio_processor.core_port import Released
from audio_processor.errors import ServiceCallError, StreamError
from audio_processor.handover import Step, Window, decide
from audio_processor.holding import Holding
from audio_processor.intake import Intake
from audio_processor.ledger import Ledger
from audio_processor.listening import Listening
from audio_processor.notices import Notices
from audio_processor.outage import OutageWatch
from audio_processor.ports import SessionView, TranscribeStream
from audio_processor.provenance import provenance
from audio_processor.rate_guard import RateGuard
from audio_processor.receiving import Receiving
from audio_processor.releasing import Releasing
from audio_processor.reorder import Before, Reorder
from audio_processor.sounding import Sounding

log = logging.getLogger(__name__)


class Serving:
    """One worker's time as owner of a session."""

    def __init__(
        self,
        *,
        assignment: Assignment,
        ports: Ports,
        view: SessionView,
        crashed: bool,
        settings: Mapping[str, Any] | None,
        warm: asyncio.Task[TranscribeStream] | None,
    ) -> None:
        self._assignment, self.ports = assignment, ports
        self.window = Window(ends_at_ms=assignment.ends_at_ms)
        self._wake = asyncio.Event()
        self._state_changed = asyncio.Event()
        now_ms, start = ports.clock.now_ms(), view.checkpoint
        self._settings = start.settings if settings is None else settings
        self._start_heard_seq = start.heard_seq
        self._outage = OutageWatch(start.outage.after_a_crash() if crashed else start.outage)
        self._notices = Notices(start.told_at_ms)
        self._rates = RateGuard(outside=ports.outside, meter=ports.meter, clock=ports.clock, notices=self._notices)
        succeeds = assignment.predecessor_token is not None
        # A worker that succeeds nobody is started by a chunk, or with the session: the wait for sound begins anew.
        self._last_chunk_at_ms = start.last_chunk_at_ms if succeeds else now_ms
        self._last_sound_at_ms = start.last_sound_at_ms if succeeds else now_ms
        self._successor_started_at_ms: int | None = None
        hidden = crashed or not start.orderly
        self.patient_until_ms = now_ms + limits.TAKEOVER_WAIT_MS if hidden else 0
        """Until then messages may be hidden that a worker had received which died, or could not put them back."""
        self.intake = Intake(
            reorder=Reorder(
                next_seq=start.acked_seq + 1,
                gap_wait_ms=limits.GAP_WAIT_MS,
                hidden_wait_ms=limits.TAKEOVER_WAIT_MS,
                patient_until_ms=self.patient_until_ms,
                before=Before(
                    heard_seq=start.heard_seq,
                    given_up=start.given_up,
                    # Of what a worker counted that died, nobody knows whether it was told.
                    is_counted=start.orderly or not crashed,
                ),
            ),
            ledger=Ledger(next_seq=start.acked_seq + 1, offset_byte=start.offset_byte),
        )
        self.holding = Holding(
            store=ports.store, owner=assignment.worker, view=view, clock=ports.clock, snapshot=self.snapshot
        )
        self._sounding = Sounding(
            start=start,
            notices=self._notices,
            meter=ports.meter,
            clock=ports.clock,
            save=self.holding.save,
            tell=self._tell_speaker,
        )
        self.releasing = Releasing(
            outside=ports.outside, clock=ports.clock, meter=ports.meter, jitter=ports.jitter, save=self.holding.save
        )
        self.releasing.add(list(start.outbox))
        self.listening = Listening(
            transcriber=ports.transcriber,
            make_core=ports.make_core,
            settings={**self._settings, **view.tuning},
            language=view.source_language,
            ledger=self.intake.ledger,
            covered_until_ms=start.covered_until_ms,
            committed=start.committed,
            unsettled=start.unsettled,
            next_sequence=start.next_sequence,
            clock=ports.clock,
            meter=ports.meter,
            jitter=ports.jitter,
            release=self._release,
            failed=self._stream_failed,
            recovered=self._recovered,
            outage=self._outage,
            wake=self._wake,
            awaits_chunk=self._awaits_chunk,
            warm=warm,
        )
        self.receiving = Receiving(
            queue=ports.queue,
            intake=self.intake,
            holding=self.holding,
            clock=ports.clock,
            meter=ports.meter,
            jitter=ports.jitter,
            wake=self._wake,
            received=self._judge_rate,
            state_changed=self._hear_of_change,
        )
        self._tasks: list[asyncio.Task[None]] = []

    async def run(self) -> Ending:
        """Serve until the end. Raises LeaseLostError, StreamsExhaustedError, ServiceCallError."""
        # The checkpoint must no longer call the last change of hands orderly once messages are taken.
        await self.holding.save()
        self._start(self.releasing.run())
        self._start(self._watch())
        self._start(self._reread_settings())
        self._start(self._flush_metrics())
        self._start(self._sounding.run())
        for number in range(limits.RECEIVERS):
            self._start(self.receiving.run(spare=number > 0))
        self._start(self.receiving.keep_house())
        try:
            while True:
                ending = await self._turn()
                if ending is not None:
                    return ending
                await self.rest()
        except Exception:
            await parting.drop(self)
            raise

    async def close(self) -> None:
        """Stop everything that runs."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.listening.close()
        self.ports.meter.flush()

    def snapshot(self, *, orderly: bool = False, rehear: bool = True) -> Checkpoint:
        """The checkpoint as of now: what is covered is let go, what is numbered and not sent is in the outbox."""
        covered_until_ms = self.listening.covered_until_ms
        self.intake.cover(covered_until_ms - (limits.REHEAR_MS if rehear else 0))
        acked_seq = self.intake.ledger.first_seq - 1
        return Checkpoint(
            acked_seq=acked_seq,
            offset_byte=self.intake.ledger.first_byte,
            covered_until_ms=covered_until_ms,
            committed=self.listening.committed,
            unsettled=self.listening.unsettled,
            next_sequence=self.listening.next_sequence,
            outbox=self.releasing.outbox,
            last_chunk_at_ms=self._last_chunk_at_ms,
            last_sound_at_ms=self._last_sound_at_ms,
            orderly=orderly,
            heard_seq=max(self._start_heard_seq, self.intake.reorder.next_seq - 1),
            given_up=spans.after(self.intake.reorder.given_up, acked_seq),
            told_at_ms=self._notices.told_at_ms,
            quiet_since_ms=self._sounding.quiet_since_ms,
            outage=self._outage.state,
            settings=self._settings,
        )

    async def _turn(self) -> Ending | None:
        """Everything that is due now."""
        for task in self._tasks:
            if task.done():
                task.result()
        await self.advance()
        now_ms = self.ports.clock.now_ms()
        if not self.holding.view.is_active or self.receiving.queue_gone:
            await parting.end_session(self)
            return Ending.SESSION_OVER
        if now_ms - self._last_chunk_at_ms >= limits.IDLE_MS:
            await parting.go_idle(self)
            return Ending.IDLE
        if self.listening.is_streaming and now_ms - self._last_sound_at_ms >= limits.IDLE_MS:
            await self.listening.conclude()
        return await self._end_of_time(now_ms)

    def _hear_of_change(self, since_ms: int | None) -> None:
        """Have the session looked at; what was received since then waits until it was."""
        if since_ms is not None:
            self.holding.doubt(since_ms)
        self._state_changed.set()

    def _awaits_chunk(self, since_ms: int) -> bool:
        """Whether a chunk is on its way: one is missing before others, or the queue has not answered since then."""
        return any(self.intake.reorder.waiting()) or self.receiving.is_unanswered(since_ms)

    @property
    def has_unheard(self) -> bool:
        """Whether chunks are at hand that no stream has been given."""
        return self.listening.has_unfed or any(self.intake.reorder.waiting())

    async def advance(self) -> None:
        """Put chunks in order and feed them."""
        now_ms = self.ports.clock.now_ms()
        pauses, lost = self.holding.pauses, self.intake.reorder.lost
        self.intake.ledger.decide(pauses.is_silent)
        for chunk in self.intake.reorder.ready(now_ms):
            silent = pauses.is_silent(chunk.received_at_ms)
            self.intake.ledger.add(chunk, silent=silent, volume=self.holding.view.volume)
            # Ingest's time, for chunks that a predecessor had already heard come again.
            self._last_chunk_at_ms = max(self._last_chunk_at_ms, chunk.received_at_ms)
            if not silent:
                self._last_sound_at_ms = self._last_chunk_at_ms
        self.ports.meter.count(metric_names.AUDIO_CHUNKS_LOST, self.intake.reorder.lost - lost)
        self._sounding.gather(self.intake.ledger)
        await self.listening.advance()

    async def _end_of_time(self, now_ms: int) -> Ending | None:
        lease = self.holding.view.lease
        step = decide(
            window=self.window,
            now_ms=now_ms,
            started_at_ms=self._successor_started_at_ms,
            announced=bool(lease.successor),
            at_boundary=not self.listening.has_pending,
        )
        self.receiving.sparing = bool(lease.successor)
        match step:
            case Step.START_SUCCESSOR:
                self._successor_started_at_ms = now_ms
                self._start(self._start_successor())
            case Step.CUT:
                await parting.hand_over(self)
                return Ending.HANDED_OVER
            case Step.LET_GO:
                await parting.let_go(self)
                return Ending.LET_GO
        return None

    async def rest(self) -> None:
        """Sleep until something comes or is due."""
        deadlines = [self.listening.next_deadline_ms(), self.intake.reorder.next_deadline_ms]
        now_ms = self.ports.clock.now_ms()
        due_ms = min([now_ms + limits.TURN_EVERY_MS, *(one for one in deadlines if one is not None)])
        try:
            async with asyncio.timeout(max(due_ms - now_ms, 1) / 1_000):
                await self._wake.wait()
        except TimeoutError:
            return
        self._wake.clear()

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        task.add_done_callback(lambda _: self._wake.set())
        self._tasks.append(task)

    async def _watch(self) -> None:
        """Renew the lease, which brings back the session's state; look at it at once when told of a change."""
        while True:
            rest_ms = self.holding.renewal_due_at_ms - self.ports.clock.now_ms()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(max(rest_ms, 0) / 1_000):
                    await self._state_changed.wait()
            told = self._state_changed.is_set()
            self._state_changed.clear()
            try:
                if self.ports.clock.now_ms() >= self.holding.renewal_due_at_ms:
                    await self.holding.save()
                elif told:
                    await self.holding.look()
            except ServiceCallError as error:
                log.warning("the session could not be read: %s", error)
                if told:
                    self._state_changed.set()
                await asyncio.sleep(backoff.wait_ms(0, self.ports.jitter()) / 1_000)
            else:
                self._wake.set()

    async def _reread_settings(self) -> None:
        while True:
            await asyncio.sleep(limits.CONFIG_EVERY_MS / 1_000)
            stored = await self.ports.settings.partial_results()
            self._settings = self._settings if stored is None else stored
            self.listening.configure({**self._settings, **self.holding.view.tuning})

    async def _flush_metrics(self) -> None:
        while True:
            await asyncio.sleep(limits.METRICS_EVERY_MS / 1_000)
            self.ports.meter.flush()

    def _judge_rate(self, chunks: Sequence[Chunk]) -> None:
        verdicts = self._rates.judge(chunks)
        if verdicts:
            self._start(self._rates.act(verdicts))

    async def _start_successor(self) -> None:
        try:
            await self.ports.outside.start_successor(
                predecessor_token=self.holding.token, generation=self._assignment.generation + 1
            )
        except ServiceCallError as error:
            log.warning("the successor was not started: %s", error)

    def _release(self, released: list[Released]) -> None:
        now_ms = self.ports.clock.now_ms()
        for one in released:
            origin = self.intake.ledger.carrying(one.end_ms)
            log.info("segment released", extra=logs.facts(provenance(self._assignment.session_id, one, origin)))
        self.releasing.add([self._segment(one, now_ms) for one in released])

    def _segment(self, one: Released, now_ms: int) -> SegmentRequest:
        session = self._assignment.session_id
        return SegmentRequest(
            sessionId=session,
            segmentId=segment_id(session, one.sequence),
            sequence=one.sequence,
            sourceLanguage=self.holding.view.source_language,
            sourceText=one.text,
            startMs=one.start_ms,
            endMs=one.end_ms,
            isFinal=one.is_final,
            releasedAtMs=now_ms,
            stableAtMs=one.stable_at_ms,
            callbackUrl=self._assignment.callback_url,
            correctionOf=None if one.corrects is None else segment_id(session, one.corrects),
            dynamics=self._sounding.dynamics(one),
            qualityTier=self.holding.view.quality_tier,
        )

    def _stream_failed(self, error: StreamError) -> None:
        message = {"type": "transcriptionError", "code": error.code, "message": error.message, "retryable": True}
        self._start(self._tell_speaker(message))

    def _recovered(self) -> None:
        message = {"type": "systemRecovered", "message": "What is said is transcribed again."}
        self._start(self._tell_speaker(message))

    async def _tell_speaker(self, message: Mapping[str, Any]) -> None:
        connection_id = self.holding.view.speaker_connection_id
        await self.ports.outside.warn_speaker(connection_id=connection_id, message=message)
