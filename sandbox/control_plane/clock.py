"""The sandbox's clock in the control plane's process: queues hide and delay messages by it, and functions' states end.

Only what AWS does with time is moved; when something was deployed stays this machine's time.
"""

import time

from moto.sqs import models
from moto.sqs.models import sqs_backends

from sandbox.control_plane import kept_messages


class PlaneClock:
    """This machine's clock and how far the sandbox's is ahead of it."""

    def __init__(self) -> None:
        self._ahead_ms = 0

    def now_ms(self) -> int:
        """Epoch milliseconds on the sandbox's clock."""
        return time.time_ns() // 1_000_000 + self._ahead_ms

    def follow(self, ahead_ms: int) -> None:
        """The sandbox's clock is this far ahead; who waits for a message looks again."""
        self._ahead_ms = ahead_ms
        for regions in list(sqs_backends.values()):
            for backend in list(regions.values()):
                for queue in list(backend.queues.values()):
                    kept_messages.wake(queue)
                    with queue._messages_lock:
                        queue._messages_lock.notify_all()

    def install(self) -> None:
        """Give moto's queues this clock; once a process."""
        models.unix_time_millis = lambda *_: float(self.now_ms())
        models.unix_time = lambda *_: self.now_ms() / 1000
