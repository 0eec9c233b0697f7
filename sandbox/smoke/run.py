"""Performs the seven steps: one speaker, one listener, a recording; nothing but the contract's messages."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from sandbox.client.connection import ClosedError, Message, RefusedError
from sandbox.client.listener import Listener
from sandbox.client.recording import BYTES_PER_MS, CHUNK_MS, Recording
from sandbox.client.speaker import Speaker
from sandbox.smoke import judge
from sandbox.smoke.mailbox import Mailbox, now_ms
from sandbox.smoke.steps import NAMES, Step, StepFailedError
from sandbox.text import fold

LANGUAGE = "es"
SILENCE_MS = 1500
"""After the last word, as a speaker who stops talking but stays on air; what was said last then becomes final."""
WORDS_WITHIN_S = 30.0
"""After the last chunk: a cold start of each function, a stream, and the recogniser's last final."""
ANSWER_WITHIN_S = 15.0
REFUSAL_WITHIN_S = 1.0
"""How long after the last chunk a refusal is waited for."""

Evidence = tuple[str, int]
"""The reason of a step that passed, and the milliseconds until its evidence came."""


@dataclass(frozen=True, kw_only=True)
class Target:
    """Where to and as whom. Local addresses, in 127/8, keep rate limits by address apart; None on AWS."""

    url: str
    token: str = field(repr=False)
    speaker_address: str | None = None
    listener_address: str | None = None


@dataclass(kw_only=True)
class SmokeTest:
    """One run. `tell` is told of each step as it ends."""

    target: Target
    recording: Recording
    tell: Callable[[Step], None]
    _speaker: Speaker | None = None
    _speaking: Mailbox | None = None
    _listening: Mailbox | None = None
    _began_ms: int = 0
    _sent: int = 0
    _done: set[str] = field(default_factory=set)

    async def run(self) -> list[Step]:
        """All seven steps; the session is ended whatever they find."""
        needs_audio = (NAMES[0], NAMES[1])
        plan: tuple[tuple[Callable[[], Awaitable[Evidence]], tuple[str, ...]], ...] = (
            (self._create, ()),
            (self._send_audio, (NAMES[0],)),
            (self._first_words, needs_audio),
            (self._all_words, needs_audio),
            (self._emotion, (*needs_audio, NAMES[2])),
            (self._control, (NAMES[0],)),
            (self._status, (NAMES[0],)),
        )
        steps = []
        try:
            for name, (perform, needs) in zip(NAMES, plan, strict=True):
                step = await self._step(name, perform, needs)
                steps.append(step)
                self.tell(step)
        finally:
            await self._leave()
        return steps

    async def _step(self, name: str, perform: Callable[[], Awaitable[Evidence]], needs: tuple[str, ...]) -> Step:
        missing = next((one for one in needs if one not in self._done), None)
        if missing is not None:
            return Step(name=name, passed=None, took_ms=None, reason=f"not tried: it needs {missing}")
        began_ms = now_ms()
        try:
            reason, took_ms = await perform()
        except RefusedError as error:
            hint = {401: "is the token expired, or another pool's?", 429: "a rate limit: wait a minute"}.get(
                error.status, "is this the stage's address?"
            )
            return Step(name=name, passed=False, took_ms=now_ms() - began_ms, reason=f"{error}: {hint}")
        except TimeoutError:
            reason = "expected an answer in time, got none: what do the functions' logs say?"
            return Step(name=name, passed=False, took_ms=now_ms() - began_ms, reason=reason)
        except (ClosedError, RuntimeError) as error:
            return Step(name=name, passed=False, took_ms=now_ms() - began_ms, reason=str(error))
        except OSError as error:
            reason = f"expected {self.target.url} to answer, got {error}: is it up, and is this its address?"
            return Step(name=name, passed=False, took_ms=now_ms() - began_ms, reason=reason)
        self._done.add(name)
        return Step(name=name, passed=True, took_ms=took_ms, reason=reason)

    async def _create(self) -> Evidence:
        began_ms = now_ms()
        self._speaker = await Speaker.open(
            self.target.url, token=self.target.token, language="en", local_address=self.target.speaker_address
        )
        took_ms = now_ms() - began_ms
        self._speaking = Mailbox(name="speaker", connection=self._speaker.connection)
        self._speaking.open()
        listener = await Listener.open(
            self.target.url, session_id=self._speaker.session_id, language=LANGUAGE,
            local_address=self.target.listener_address,
        )  # fmt: skip
        self._listening = Mailbox(name="listener", connection=listener.connection)
        self._listening.open()
        return f"{self._speaker.session_id} was created, and a listener joined it", took_ms

    async def _send_audio(self) -> Evidence:
        speaker, speaking, _ = self._parts()
        began_ms = self._began_ms = now_ms()
        pcm = self.recording.pcm + bytes(SILENCE_MS * BYTES_PER_MS)
        step = CHUNK_MS * BYTES_PER_MS
        chunks = [pcm[start : start + step] for start in range(0, len(pcm), step)]
        await speaker.stream(chunks)
        took_ms = now_ms() - began_ms
        await asyncio.sleep(REFUSAL_WITHIN_S)
        return judge.accepted(len(chunks), speaking.of("error", "rateLimitWarning")), took_ms

    async def _first_words(self) -> Evidence:
        _, speaking, listening = self._parts()

        def found() -> Message | None:
            for failed in speaking.of("transcriptionError"):
                raise StepFailedError(f"expected a stream, got {failed.get('code')}: {failed.get('message')}")
            return next(iter(listening.of("translation")), None)

        first = await listening.until(found, "words that Transcribe heard", within_s=WORDS_WITHIN_S)
        at_ms = next(at_ms for at_ms, message in listening.letters if message is first)
        return f"the first words: {first['sourceText']!r}, timed from the first chunk", at_ms - self._began_ms

    async def _all_words(self) -> Evidence:
        _, _, listening = self._parts()
        spoken = [word for one in self.recording.words for word in fold(one.word)]

        def found() -> Message | None:
            arrived = listening.of("translation")
            whole = arrived and judge.heard_percent(spoken, arrived) == 100
            return arrived[-1] if whole else None

        with contextlib.suppress(StepFailedError):
            await listening.until(found, "every word", within_s=WORDS_WITHIN_S)
        translations = listening.of("translation")
        reason = judge.forwarded(spoken, translations, LANGUAGE)
        last_ms = max(at_ms for at_ms, message in listening.letters if message.get("type") == "translation")
        return reason, last_ms - self._began_ms

    async def _emotion(self) -> Evidence:
        _, _, listening = self._parts()
        reason = judge.emotion(listening.of("translation"))
        first_ms = next(at_ms for at_ms, message in listening.letters if message.get("dynamics"))
        return reason, first_ms - self._began_ms

    async def _control(self) -> Evidence:
        speaker, speaking, listening = self._parts()
        began_ms = now_ms()
        commands = (
            ("pause", "broadcastPaused", True, False), ("resume", "broadcastResumed", False, False),
            ("mute", "broadcastMuted", False, True), ("unmute", "broadcastUnmuted", False, False),
        )  # fmt: skip
        for command, told, paused, muted in commands:
            speaking.mark()
            listening.mark()
            await speaker.connection.send({"action": "speakerControl", "command": command})
            answer = await speaking.expect("speakerControlAck", within_s=ANSWER_WITHIN_S)
            judge.state_is(answer, paused=paused, muted=muted)
            await listening.expect(told, within_s=ANSWER_WITHIN_S)
        names = ", ".join(command for command, *_ in commands)
        return f"{names}: each acknowledged, and the listener told", now_ms() - began_ms

    async def _status(self) -> Evidence:
        speaker, speaking, _ = self._parts()
        began_ms = now_ms()

        def found() -> Message | None:
            return next((one for one in speaking.of("sessionStatus") if one.get("updateReason") == "requested"), None)

        await speaker.connection.send({"action": "sessionStatus"})
        answer = await speaking.until(found, "a sessionStatus that was requested", within_s=ANSWER_WITHIN_S)
        took_ms = now_ms() - began_ms
        return judge.status(answer, session_id=speaker.session_id, language=LANGUAGE), took_ms

    def _parts(self) -> tuple[Speaker, Mailbox, Mailbox]:
        assert self._speaker is not None
        assert self._speaking is not None
        assert self._listening is not None
        return self._speaker, self._speaking, self._listening

    async def _leave(self) -> None:
        """End the session, so that nothing of the test stays."""
        if self._speaker is not None and self._speaking is not None:
            with contextlib.suppress(ClosedError, StepFailedError):
                self._speaking.mark()
                await self._speaker.connection.send({"action": "speakerControl", "command": "endSession"})
                await self._speaking.expect("speakerControlAck", within_s=ANSWER_WITHIN_S)
        for mailbox in (self._speaking, self._listening):
            if mailbox is not None:
                await mailbox.close()
