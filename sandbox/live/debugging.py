"""`--debug FUNCTION`: what the functions are given for it, and a name that is in no stack."""

import socket
from collections.abc import Callable

from sandbox.definitions.model import Definitions
from sandbox.functions.settings import Debugging
from sandbox.live.errors import PortTakenError, UnknownFunctionError
from sandbox.live.settings import SandboxSettings


def debugging(settings: SandboxSettings, say: Callable[[str], None]) -> Debugging | None:
    """None where nothing is debugged. Raises PortTakenError."""
    if not settings.debug:
        return None
    try:
        socket.create_server(("127.0.0.1", settings.debug_port)).close()
    except OSError:
        raise PortTakenError(
            f"expected port {settings.debug_port} to be free for a debugger, another process has it: give another "
            "--debug-port"
        ) from None
    lock = settings.project / "requirements" / "debug.lock"
    return Debugging(function=settings.debug, port=settings.debug_port, lock=lock, say=say)


def check(settings: SandboxSettings, definitions: Definitions) -> None:
    """Raises UnknownFunctionError; what whoever has an empty sandbox's endpoint deploys may still come."""
    if settings.debug and not settings.empty and settings.debug not in definitions.functions:
        raise UnknownFunctionError(settings.debug, sorted(definitions.functions))
