"""`speakerControl`: the state of the broadcast is kept in the session and told to its listeners."""

from collections.abc import Mapping
from typing import Any

from broadcast import audience, callbacks, connections, ending, fields, sessions, workers
from broadcast.clock import now_ms
from broadcast.errors import Refusal
from broadcast.events import Caller
from broadcast.sessions import Session

COMMANDS: dict[str, tuple[dict[str, Any], str]] = {
    "pause": ({"isPaused": True}, "broadcastPaused"),
    "resume": ({"isPaused": False}, "broadcastResumed"),
    "mute": ({"isMuted": True}, "broadcastMuted"),
    "unmute": ({"isMuted": False}, "broadcastUnmuted"),
}
"""What each command sets, and what listeners are told."""
SILENCES_KEPT = 8
"""Pauses that have ended, for a stream worker that hears their audio later: it is seconds behind at most."""


def speaker_control(caller: Caller, message: Mapping[str, Any]) -> None:
    """Carry out a speaker's command on its own live session and answer `speakerControlAck`."""
    command = fields.choice(message, "command", (*COMMANDS, "setVolume", "endSession"))
    session = _own_session(caller)
    if command == "endSession":
        _acknowledge(caller, command, session)
        ending.end_session(session.sessionId, reason="endedBySpeaker")
        return
    forget: tuple[str, ...] = ()
    at_ms = now_ms()
    if command == "setVolume":
        changes, told = {"volume": fields.fraction(message, "volume")}, "volumeChanged"
    else:
        flags, told = COMMANDS[command]
        times, forget = _silences(session, flags, at_ms)
        changes = flags | times
    changed = sessions.update_state(
        session.sessionId, changes, only_if={"speakerConnectionId": caller.connection_id}, forget=forget
    )
    workers.state_changed(changed.queueUrl, since_ms=at_ms)
    _acknowledge(caller, command, changed)
    news = {"type": told, "sessionId": session.sessionId, "broadcastState": changed.broadcast_state()}
    audience.tell(connections.listeners(session.sessionId), news)


def _silences(session: Session, flags: dict[str, Any], at_ms: int) -> tuple[dict[str, Any], tuple[str, ...]]:
    """What is to be set and forgotten where these flags stop the sound, or let it begin again."""
    before = {"isPaused": session.isPaused, "isMuted": session.isMuted}
    was_silent, is_silent = any(before.values()), any((before | flags).values())
    if is_silent and not was_silent:
        return {"silentSinceMs": at_ms}, ()
    if was_silent and not is_silent and session.silentSinceMs is not None:
        ended = [*session.silences, (session.silentSinceMs, at_ms)]
        return {"silences": ended[-SILENCES_KEPT:]}, ("silentSinceMs",)
    return {}, ()


def _own_session(caller: Caller) -> Session:
    if caller.role != "speaker":
        raise Refusal("UNAUTHORIZED_ACTION", "expected a speaker, got a listener")
    session = sessions.of_speaker(caller.user_id)
    if session is None or not session.is_active:
        raise Refusal("SESSION_NOT_FOUND", "expected a live session of this speaker, there is none")
    if session.speakerConnectionId != caller.connection_id:
        raise Refusal("UNAUTHORIZED_ACTION", "expected the session's own connection, got another")
    return session


def _acknowledge(caller: Caller, command: str, session: Session) -> None:
    callbacks.post(
        caller.callback_url,
        caller.connection_id,
        {"type": "speakerControlAck", "command": command, "broadcastState": session.broadcast_state()},
    )
