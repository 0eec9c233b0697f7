"""Who reads the contract and nothing else can speak, listen and steer: a client that imports nothing of ours does."""

import ast
import asyncio
import json
import re
import wave
from dataclasses import dataclass
from pathlib import Path

import pytest

from sandbox.testing.messages import Messages

from . import contract_client
from .contract_client import Peer, Place, speak, transcript

pytestmark = pytest.mark.e2e
SAMPLES = Path(__file__).resolve().parents[2] / "audio_samples"
SILENCE_S = 3
TOKENS = re.compile(r"eyJ[A-Za-z0-9_-]{10}")


@dataclass(frozen=True, kw_only=True)
class Session:
    """What one session's peers saw."""

    speaker: Peer
    spanish: Peer
    french: Peer
    renewed: list[Peer]
    created: dict
    joined: dict
    acknowledged: list[dict]

    @property
    def peers(self) -> tuple[Peer, ...]:
        return self.speaker, self.spanish, self.french, *self.renewed


def words(text: str) -> list[str]:
    """Case and punctuation folded, as the contract compares."""
    return re.findall(r"[a-z']+", text.lower())


async def refresh_listener(url: str, previous: Peer, session: str) -> Peer:
    """A new connection in the place of the previous one."""
    joined = next(one for _, one in previous.arrived if one["type"] == "sessionJoined")
    place = {"sessionId": session, "targetLanguage": "de", "previousConnectionId": joined["connectionId"]}
    peer = await Peer.open(url, "127.0.50.3", **place)
    await peer.ask("connectionRefreshComplete", "refresh", **place)
    return peer


async def refresh_speaker(url: str, token: str, session: str) -> Peer:
    peer = await Peer.open(url, "127.0.50.1", token=token)
    answer = await peer.ask("connectionRefreshComplete", "refresh", sessionId=session)
    assert answer["nextSeq"] > 0
    return peer


async def perform(place: Place) -> Session:
    """A speaker, two listeners, a recording; then every command, and the end."""
    url, token = place.web_socket_url(), await asyncio.to_thread(place.token, "contract-reader")
    speaker = await Peer.open(url, "127.0.50.1", token=token)
    created = await speaker.ask("sessionCreated", "createSession", sourceLanguage="en", qualityTier="premium")
    session = created["sessionId"]
    listeners, joined = [], {}
    for number, language in enumerate(("es", "fr")):
        place_ = {"sessionId": session, "targetLanguage": language}
        peer = await Peer.open(url, f"127.0.50.{number + 2}", **place_)
        joined[language] = await peer.ask("sessionJoined", "joinSession", **place_)
        listeners.append(peer)
    with wave.open(str(SAMPLES / "austen-0880.wav")) as recording:
        pcm = recording.readframes(recording.getnframes())
    await speak(speaker, pcm + bytes(32_000 * SILENCE_S))
    acknowledged = []
    for command, told in (
        ("pause", "broadcastPaused"), ("resume", "broadcastResumed"), ("mute", "broadcastMuted"),
        ("unmute", "broadcastUnmuted"),
    ):  # fmt: skip
        acknowledged.append(await speaker.ask("speakerControlAck", "speakerControl", command=command))
        await listeners[0].wait_for(told)
    acknowledged.append(await speaker.ask("speakerControlAck", "speakerControl", command="setVolume", volume=0.25))
    await listeners[0].wait_for("volumeChanged")
    await speaker.ask("sessionStatus", "sessionStatus")
    await speaker.ask("heartbeatAck", "heartbeat")
    french = listeners[1]
    for command in ("pause", "resume"):
        await french.ask("listenerControlAck", "listenerControl", command=command)
    await french.ask("listenerControlAck", "listenerControl", command="changeLanguage", targetLanguage="de")
    renewed = [await refresh_listener(url, french, session), await refresh_speaker(url, token, session)]
    listeners.append(renewed[0])
    acknowledged.append(await renewed[1].ask("speakerControlAck", "speakerControl", command="unmute"))
    await renewed[0].wait_for("broadcastUnmuted")
    await asyncio.gather(french.close(), speaker.close())
    acknowledged.append(await renewed[1].ask("speakerControlAck", "speakerControl", command="endSession"))
    for peer in (listeners[0], renewed[0]):
        await peer.wait_for("sessionEnded")
        await peer.until_closed()
    await renewed[1].close()
    return Session(
        speaker=speaker, spanish=listeners[0], french=french, renewed=renewed, created=created, joined=joined,
        acknowledged=acknowledged,
    )  # fmt: skip


@pytest.fixture(scope="module")
def session(sandbox_session) -> Session:
    return asyncio.run(perform(Place(state_dir=sandbox_session.state_dir)))


def test_the_client_imports_nothing_of_this_project():
    """Or it would share our mistakes."""
    tree = ast.parse(Path(contract_client.__file__).read_text(encoding="utf-8"))
    names = {
        alias.name.split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names
    }
    names |= {str(node.module).split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert names <= {
        "asyncio",
        "base64",
        "dataclasses",
        "json",
        "pathlib",
        "subprocess",
        "sys",
        "time",
        "urllib",
        "websockets",
    }


def test_both_listeners_read_every_word_once(session):
    """By the contract's rules of delivery."""
    document = json.loads((SAMPLES / "austen-0880.words.json").read_text())
    spoken = [word for entry in document["words"] for word in words(entry["word"])]
    for peer in (session.spanish, session.french):
        assert words(" ".join(transcript(peer.arrived))) == spoken
    assert " ".join(transcript(session.spanish.arrived, "text")) == "No era un joven de mala índole."


def test_the_session_is_as_the_contract_says(session):
    """Counted at the join, steered by commands, closed with 1000 by the server."""
    assert session.created["qualityTier"] == "premium"
    assert [session.joined[language]["listenerCount"] for language in ("es", "fr")] == [1, 2]
    assert session.joined["fr"]["connectionId"]
    states = [
        (one["command"], one["broadcastState"]["isPaused"], one["broadcastState"]["isMuted"])
        for one in session.acknowledged
    ]
    assert states == [
        ("pause", True, False), ("resume", False, False), ("mute", False, True), ("unmute", False, False),
        ("setVolume", False, False), ("unmute", False, False), ("endSession", False, False),
    ]  # fmt: skip
    assert session.acknowledged[-1]["broadcastState"]["volume"] == 0.25
    status = next(
        one
        for _, one in session.speaker.arrived
        if one["type"] == "sessionStatus" and one["updateReason"] == "requested"
    )
    assert status["languageDistribution"] == {"es": 1, "fr": 1}
    assert (session.spanish.closed_with, session.renewed[0].closed_with) == (1000, 1000)


def test_every_frame_is_what_docs_messages_allow(session):
    """Both ways; and nothing that went to a client holds a token."""
    schemas = Messages()
    frames = [frame for peer in session.peers for frame in peer.frames]
    assert len(frames) > 60
    assert [schemas.complaint(sender, text) for sender, text in frames if schemas.complaint(sender, text)] == []
    assert not [text for sender, text in frames if sender == "server" and TOKENS.search(text)]


def test_all_traffic_of_a_session_was_seen(session):
    """The check above would pass on silence."""
    kinds = {json.loads(text)["type"] for peer in session.peers for sender, text in peer.frames if sender == "server"}
    assert kinds >= {
        "sessionCreated", "sessionJoined", "sessionStatus", "speakerControlAck", "broadcastPaused", "broadcastResumed",
        "broadcastMuted", "broadcastUnmuted", "volumeChanged", "sessionEnded", "translation",
        "heartbeatAck", "listenerControlAck", "connectionRefreshComplete",
    }  # fmt: skip


def segment(sequence: int, **more) -> dict:
    return {
        "type": "translation",
        "segmentId": f"a-b-100-{sequence}",
        "sequence": sequence,
        "sourceText": str(sequence),
        **more,
    }


def test_a_transcript_drops_repeats_orders_and_corrects():
    """Delivery is at least once and may be out of order."""
    late = segment(7, correctionOf="a-b-100-0", sourceText="zero")
    arrived = [(0, segment(1)), (1, segment(0)), (2, segment(1)), (3, late), (4, late)]
    assert transcript(arrived) == ["zero", "1"]


def test_a_gap_is_final_after_three_seconds():
    """Not one millisecond before."""
    arrived = [(100, segment(0)), (200, segment(2))]
    assert contract_client.shown(arrived, 3199) == [0]
    assert contract_client.shown(arrived, 3200) == [0, 2]
    assert contract_client.shown([*arrived, (3000, segment(1))], 3001) == [0, 1, 2]
