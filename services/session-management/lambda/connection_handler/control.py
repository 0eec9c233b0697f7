"""`speakerControl`: the state of the broadcast is kept in the session and told to its listeners."""

from collections.abc import Mapping
from functools import lru_cache
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
TRIES = 3
"""Writes of one command before which another of the same speaker's may come in between."""
NONE_LIVE = "expected a live session of this speaker, there is none"


def speaker_control(caller: Caller, message: Mapping[str, Any]) -> None:
    """Carry out a speaker's command on its own live session and answer `speakerControlAck`."""
    command = fields.choice(message, "command", (*COMMANDS, "setVolume", "endSession"))
    if caller.role != "speaker":
        raise Refusal("UNAUTHORIZED_ACTION", "expected a speaker, got a listener")
    session_id = _spoken_in(caller.user_id, caller.connection_id)
    try:
        _carry_out(caller, session_id, command, message)
    except Refusal:
        # Nothing was changed: the connection may have opened another session since this environment learnt of one.
        _spoken_in.cache_clear()
        current_id = _spoken_in(caller.user_id, caller.connection_id)
        if current_id == session_id:
            raise
        _carry_out(caller, current_id, command, message)


@lru_cache(maxsize=1_024)
def _spoken_in(user_id: str, _connection_id: str) -> str:
    """The session that a speaker's connection opened, once looked up: each command's own condition says whether it
    still is that. Raises Refusal SESSION_NOT_FOUND, which is not remembered."""
    session_id = sessions.id_of_speaker(user_id)
    if session_id is None:
        raise Refusal("SESSION_NOT_FOUND", NONE_LIVE)
    return session_id


def _carry_out(caller: Caller, session_id: str, command: str, message: Mapping[str, Any]) -> None:
    if command == "endSession":
        _acknowledge(caller, command, _own_session(caller, session_id))
        ending.end_session(session_id, reason="endedBySpeaker")
        return
    at_ms = now_ms()
    if command == "setVolume":
        told = "volumeChanged"
        changed = _change(caller, session_id, {"volume": fields.fraction(message, "volume")})
    else:
        flags, told = COMMANDS[command]
        if any(flags.values()):
            changed = _change(caller, session_id, flags, if_absent={"silentSinceMs": at_ms})
        else:
            changed = _let_sound(caller, session_id, flags, at_ms)
    workers.state_changed(changed.queueUrl, since_ms=at_ms)
    _acknowledge(caller, command, changed)
    news = {"type": told, "sessionId": session_id, "broadcastState": changed.broadcast_state()}
    audience.tell(connections.listeners(session_id), news)


def _change(
    caller: Caller, session_id: str, changes: Mapping[str, Any], *, if_absent: Mapping[str, Any] | None = None
) -> Session:
    """One write, which only the session's own connection can make: what stands in its way is looked for afterwards."""
    own = {"speakerConnectionId": caller.connection_id}
    try:
        return sessions.update_state(session_id, changes, only_if=own, if_absent=if_absent)
    except Refusal:
        _own_session(caller, session_id)
        raise


def _let_sound(caller: Caller, session_id: str, flags: Mapping[str, Any], at_ms: int) -> Session:
    """Take these flags back. Where that ends a silence, its time is kept: of the state that was read, or none is."""
    for _ in range(TRIES):
        session = _own_session(caller, session_id)
        before = {"isPaused": session.isPaused, "isMuted": session.isMuted}
        changes: dict[str, Any] = dict(flags)
        wanted: dict[str, Any] = {"speakerConnectionId": caller.connection_id, **before}
        forget: tuple[str, ...] = ()
        if session.silentSinceMs is not None and not any({**before, **flags}.values()):
            changes["silences"] = [*session.silences, (session.silentSinceMs, at_ms)][-SILENCES_KEPT:]
            wanted["silentSinceMs"] = session.silentSinceMs
            forget = ("silentSinceMs",)
        try:
            return sessions.update_state(session_id, changes, only_if=wanted, forget=forget)
        except Refusal:
            continue
    raise Refusal("SERVICE_UNAVAILABLE", "expected no other command at the same time: try again in a moment")


def _own_session(caller: Caller, session_id: str) -> Session:
    session = sessions.get(session_id)
    if session is None or not session.is_active:
        raise Refusal("SESSION_NOT_FOUND", NONE_LIVE)
    if session.speakerConnectionId != caller.connection_id:
        raise Refusal("UNAUTHORIZED_ACTION", "expected the session's own connection, got another")
    return session


def _acknowledge(caller: Caller, command: str, session: Session) -> None:
    callbacks.post(
        caller.callback_url,
        caller.connection_id,
        {"type": "speakerControlAck", "command": command, "broadcastState": session.broadcast_state()},
    )
