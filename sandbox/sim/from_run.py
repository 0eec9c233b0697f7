"""From the journal of a live run to a plan: who was there, when they came and went, what was said when. Pure.

What is said is known from `client.recording`, which the sandbox's own speakers write; the rest is the gateway's. A
listener that went over to a new connection is two: one that leaves, and one that comes. Pauses, mutings and changes of
language are left out, since a journal has no message's content.
"""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median_low

from sandbox.client.recording import CHUNK_MS, SHORTEST_CHUNK_MS, SpokenWord
from sandbox.journal import Event
from sandbox.sim.errors import SimulationError
from sandbox.sim.plan import Burst, ListenerPlan, Plan, SpeakerPlan
from sandbox.sim.speech import Talk

BREAK_MS = 1_000
"""Chunks come several times a second: after more, the speaker had ceased to send."""


@dataclass(frozen=True, kw_only=True)
class Placed:
    """A recording in a session's audio."""

    name: str
    at_ms: int
    words: tuple[SpokenWord, ...]


MakeTalk = Callable[[str, Sequence[Placed], int], Talk]
"""The talk of a speaker: its name, the recordings in it, and how many milliseconds were said."""


class NoScenarioError(SimulationError):
    """A journal that says too little to be played again."""

    def __init__(self, lacks: str) -> None:
        super().__init__(f"expected a run in which somebody spoke, got one without {lacks}: give one of 'sandbox demo'")


@dataclass(frozen=True, kw_only=True)
class _Session:
    session_id: str
    connection_id: str
    created_ms: int


def plan(events: Sequence[Event], *, talk: MakeTalk) -> Plan:
    """The plan of a run's journal. Raises NoScenarioError."""
    sessions = _sessions(events)
    if not sessions:
        raise NoScenarioError("a client.session_created")
    first_ms = sessions[0].created_ms
    return Plan(
        speakers=tuple(
            _speaker(events, session, number, begins_at_ms=session.created_ms - first_ms, talk=talk)
            for number, session in enumerate(sessions)
        )
    )


def _sessions(events: Sequence[Event]) -> list[_Session]:
    """Each session with the connection that asked for it last."""
    found: list[_Session] = []
    asked_on = ""
    for event in sorted(events, key=lambda one: one["t_ms"]):
        if event["kind"] == "gateway.frame_in" and event.get("action") == "createSession":
            asked_on = event["connectionId"]
        if event["kind"] == "client.session_created":
            found.append(_Session(session_id=event["sessionId"], connection_id=asked_on, created_ms=event["t_ms"]))
    return found


def _speaker(
    events: Sequence[Event], session: _Session, number: int, *, begins_at_ms: int, talk: MakeTalk
) -> SpeakerPlan:
    chunks = sorted(
        (event["seq"], event["t_ms"])
        for event in events
        if event["kind"] == "gateway.frame_in"
        and event.get("action") == "sendAudio"
        and event["connectionId"] == session.connection_id
        and "seq" in event
    )
    if not chunks:
        raise NoScenarioError(f"audio of {session.session_id}")
    placed = [
        Placed(
            name=event["name"],
            at_ms=event["atAudioMs"],
            words=tuple(SpokenWord(word=word, start_ms=start, end_ms=end) for word, start, end in event["words"]),
        )
        for event in events
        if event["kind"] == "client.recording" and event["sessionId"] == session.session_id
    ]
    if not placed:
        raise NoScenarioError(f"a client.recording of {session.session_id}")
    began_ms, ended_ms = chunks[0][1], chunks[-1][1]
    chunk_ms = _chunk_ms(chunks)
    bursts = _bursts(chunks, chunk_ms)
    return SpeakerPlan(
        name=f"speaker-{number + 1}",
        address=f"127.10.0.{number + 1}",
        talk=talk(f"talk-{number + 1}", placed, bursts[-1].to_ms),
        listeners=_listeners(events, session, number, began_ms=began_ms, ended_ms=ended_ms),
        begins_at_ms=begins_at_ms,
        bursts=bursts if len(bursts) > 1 else (),
        chunk_ms=chunk_ms,
    )


def _chunk_ms(chunks: Sequence[tuple[int, int]]) -> int:
    """How long the chunks (number, moment) were, to 10 ms: they come on the clock's beat."""
    apart_ms = [after[1] - before[1] for before, after in itertools.pairwise(chunks)]
    return max(round(median_low(apart_ms), -1), SHORTEST_CHUNK_MS) if apart_ms else CHUNK_MS


def _bursts(chunks: Sequence[tuple[int, int]], chunk_ms: int) -> tuple[Burst, ...]:
    """The pieces in which the chunks (number, moment) came."""
    first_seq, began_ms = chunks[0]
    pieces = [[chunks[0]]]
    for before, after in itertools.pairwise(chunks):
        if after[1] - before[1] > BREAK_MS:
            pieces.append([])
        pieces[-1].append(after)
    return tuple(
        Burst(
            at_ms=piece[0][1] - began_ms,
            from_ms=(piece[0][0] - first_seq) * chunk_ms,
            to_ms=(piece[-1][0] - first_seq + 1) * chunk_ms,
        )
        for piece in pieces
    )


def _listeners(
    events: Sequence[Event], session: _Session, number: int, *, began_ms: int, ended_ms: int
) -> tuple[ListenerPlan, ...]:
    """Whoever was sent a word of the session, in the order of joining."""
    languages: dict[str, str] = {}
    joined_ms: dict[str, int] = {}
    closed_ms: dict[str, int] = {}
    for event in events:
        match event["kind"]:
            case "gateway.frame_out" if str(event.get("segmentId", "")).rpartition("-")[0] == session.session_id:
                languages.setdefault(event["connectionId"], event["language"])
            case "gateway.frame_in" if event.get("action") in ("joinSession", "refresh"):
                joined_ms.setdefault(event["connectionId"], event["t_ms"])
            case "gateway.close":
                closed_ms[event["connectionId"]] = event["t_ms"]
    there = sorted((joined_ms[one], one) for one in languages if one in joined_ms)
    return tuple(
        ListenerPlan(
            name=f"listener-{number * 1_000 + place + 1}",
            language=languages[one],
            address=f"127.20.{number}.{place + 1}",
            joins_at_ms=0 if at_ms <= began_ms else at_ms - session.created_ms,
            leaves_at_ms=closed_ms[one] - session.created_ms if closed_ms.get(one, ended_ms) < ended_ms else None,
        )
        for place, (at_ms, one) in enumerate(there)
    )
