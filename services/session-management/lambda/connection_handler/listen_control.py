"""`listenerControl`: what one listener is sent."""

from collections.abc import Mapping
from typing import Any

from broadcast import callbacks, connections, errands, fields, membership
from broadcast.connections import ConnectionRecord
from broadcast.errors import Refusal
from broadcast.events import Caller

COMMANDS = ("pause", "resume", "changeLanguage")


def listener_control(caller: Caller, message: Mapping[str, Any]) -> None:
    """Carry out a listener's command on itself and answer `listenerControlAck`."""
    command = fields.choice(message, "command", COMMANDS)
    if caller.role != "listener":
        raise Refusal("UNAUTHORIZED_ACTION", "listenerControl: expected a listener, got a speaker")
    language = fields.target_language(message) if command == "changeLanguage" else None
    record = _joined(caller)
    answer: dict[str, Any] = {"type": "listenerControlAck", "command": command}
    if language is not None:
        membership.change_language(caller.connection_id, language)
        answer["targetLanguage"] = language
        errands.audience_changed(str(record.sessionId))
    else:
        membership.set_paused(caller.connection_id, command == "pause")
        answer["isPaused"] = command == "pause"
    callbacks.post(caller.callback_url, caller.connection_id, answer)


def _joined(caller: Caller) -> ConnectionRecord:
    record = connections.get(caller.connection_id)
    if record is None or record.targetLanguage is None:
        raise Refusal("SESSION_NOT_FOUND", "listenerControl: expected a listener that has joined a session: join first")
    return record
