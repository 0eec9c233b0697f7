"""Runs of plans that a test makes itself, each in a new process: it has the whole process in its time."""

import json
import multiprocessing
import tempfile
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fake_transcribe.script import Final, Partial, Segment, Word
from sandbox.client.recording import SpokenWord
from sandbox.sim import deployed
from sandbox.sim.faults import Faults
from sandbox.sim.outcome import Order, Outcome, carry_out
from sandbox.sim.plan import Burst, ListenerPlan, Plan, SpeakerPlan
from sandbox.sim.speech import Talk

CHUNK_MS = 100
NONE = Faults()
Event = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Played:
    """What came of a plan."""

    outcome: Outcome
    events: list[Event]

    def of(self, kind: str) -> list[Event]:
        """The events of a kind, in order."""
        return [event for event in self.events if event["kind"] == kind]

    @property
    def began_ms(self) -> int:
        """When the first sample was spoken."""
        return int(self.of("client.stream_began")[0]["t_ms"])

    def heard(self, listener: str = "listener-1") -> list[tuple[int, str]]:
        """What a listener was sent, as milliseconds from the first sample and words; repeats left out."""
        return [
            (event["t_ms"] - self.began_ms, event["sourceText"])
            for event in self.of("client.translation")
            if event["listener"] == listener and event["new"]
        ]

    def metric(self, name: str) -> int:
        """The sum of a metric."""
        return sum(event["sum"] for event in self.of("metric") if event["name"] == name)


def play(
    talk: Talk,
    *,
    listeners: int = 1,
    overrides: Mapping[str, Path] | None = None,
    bursts: tuple[Burst, ...] = (),
    ends_at_once: bool = False,
    faults: Faults = NONE,
) -> Played:
    """One speaker and listeners who stay, every latency at its median. Chunks are short, so that moments are fine."""
    speaker = SpeakerPlan(
        name="speaker-1",
        address="127.10.0.1",
        talk=talk,
        bursts=bursts,
        ends_at_once=ends_at_once,
        chunk_ms=CHUNK_MS,
        listeners=tuple(
            ListenerPlan(name=f"listener-{number}", language="es", address=f"127.20.0.{number}")
            for number in range(1, listeners + 1)
        ),
    )
    order = Order(scenario="steady", seed=1, exact=True, overrides=overrides or {}, faults=faults)
    with ProcessPoolExecutor(max_workers=1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(_play, order, Plan(speakers=(speaker,))).result()


def _play(order: Order, plan: Plan) -> Played:
    with tempfile.TemporaryDirectory() as folder:
        journal = Path(folder) / "journal.jsonl"
        outcome = carry_out(order, deployed=deployed.load(say=print), journal=journal, plan=plan)
        lines = journal.read_text(encoding="utf-8").splitlines()
    return Played(outcome=outcome, events=[json.loads(line) for line in lines])


def spoken(*words: str, start_ms: int = 300, word_ms: int = 300, pause_ms: int = 100) -> list[SpokenWord]:
    """Words of one length, one after another."""
    step = word_ms + pause_ms
    return [
        SpokenWord(word=word, start_ms=start_ms + step * place, end_ms=start_ms + step * place + word_ms)
        for place, word in enumerate(words)
    ]


def segment(
    words: list[SpokenWord], partials: Mapping[int, tuple[str, float]], *, final_ms: int | None, **faults: Any
) -> Segment:
    """What is said of these words: at places in the audio texts with one stability for all, and the final."""
    parts = tuple(
        Partial(at_ms=at_ms, text=text, stability=(stability,) * len(text.split()))
        for at_ms, (text, stability) in partials.items()
    )
    whole = tuple(Word(word=one.word, start_ms=one.start_ms, end_ms=one.end_ms) for one in words)
    if final_ms is None:
        return Segment(partials=parts, final=None, spoken=whole)
    text = " ".join(one.word for one in words)
    return Segment(partials=parts, final=Final(at_ms=final_ms, text=text, words=whole, faults=faults))
