"""`listenerControl`: what one listener is sent."""

from collections.abc import Mapping
from typing import Any

from broadcast import callbacks, errands, fields, membership
from broadcast.errors import Refusal
from broadcast.events import Caller

COMMANDS = ("pause", "resume", "changeLanguage")


def listener_control(caller: Caller, message: Mapping[str, Any]) -> None:
    """Carry out a listener's command on itself and answer `listenerControlAck`."""
    command = fields.choice(message, "command", COMMANDS)
    if caller.role != "listener":
        raise Refusal("UNAUTHORIZED_ACTION", "listenerControl: expected a listener, got a speaker")
    answer: dict[str, Any] = {"type": "listenerControlAck", "command": command}
    if command == "changeLanguage":
        record = membership.change_language(caller.connection_id, fields.target_language(message))
        answer["targetLanguage"] = record.targetLanguage
    else:
        record = membership.set_paused(caller.connection_id, command == "pause")
        answer["isPaused"] = record.isPaused
    callbacks.post(caller.callback_url, caller.connection_id, answer)
    if command == "changeLanguage":
        errands.audience_changed(str(record.sessionId))
