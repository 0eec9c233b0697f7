"""What runs the code of an execution environment: a process in the live world, a fiber in a simulated one."""

from typing import Protocol

from sandbox.definitions.model import Function
from sandbox.functions.effects import Request
from sandbox.functions.posts import Post, PostRefusal


class Hosted(Protocol):
    """Who is told what an environment's code does."""

    def judge(self, post: Post, request_id: str | None, size: int) -> PostRefusal | None:
        """What is wrong with a post of so many bytes, before it is told."""
        ...

    def on_next(self) -> None: ...
    def on_response(self, request_id: str, payload: bytes) -> None: ...
    def on_error(self, request_id: str, payload: bytes) -> None: ...
    def on_init_error(self, payload: bytes) -> None: ...
    def on_line(self, line: str) -> None: ...
    def on_exit(self, exit_code: int | None) -> None:
        """The code has ended by itself; below zero the signal that ended it, None where nobody can tell."""
        ...

    def on_memory(self, used_mb: int) -> None:
        """It has used this much at its most."""
        ...


class Host(Protocol):
    """One environment's code, from its start to its end."""

    @property
    def pid(self) -> int | None: ...

    @property
    def is_debugged(self) -> bool:
        """Whether somebody may be looking at it: it is given time, and not frozen."""
        ...

    @property
    def log_stream(self) -> str:
        """Where its lines belong in the function's log group."""
        ...

    async def start(self) -> None:
        """Begin to load the code."""
        ...

    def deliver(self, request: Request, deadline_ms: int) -> None:
        """Give the code that waits for it a request."""
        ...

    def freeze(self) -> None: ...

    def thaw(self) -> None: ...

    def kill(self) -> None: ...

    def restart(self) -> None:
        """End the code where it is and begin to load it again."""
        ...

    async def ended(self) -> None:
        """Return when nothing of it is left."""
        ...

    def close(self) -> None:
        """Let go of what outlives the code."""
        ...

    def peak_memory_mb(self) -> int: ...

    def is_runnable(self) -> bool:
        """Whether its code runs, or waits for nothing but a processor; False where the system does not say."""
        ...

    def read_lines(self) -> None:
        """Tell now of every line that the code has written so far."""
        ...


class Hosts(Protocol):
    """Makes the hosts of a world."""

    async def prepare(self) -> None:
        """Make ready what every host needs."""
        ...

    async def load_ahead(self) -> None:
        """Load what nearly every host needs, before the first is started; returns without waiting for it."""
        ...

    async def stop(self) -> None:
        """Let go of it, when no host is left."""
        ...

    def make(self, function: Function, hosted: Hosted) -> Host: ...

    def clock_moved(self, ahead_ms: int) -> None:
        """The sandbox's clock is this far ahead of the machine's."""
        ...
