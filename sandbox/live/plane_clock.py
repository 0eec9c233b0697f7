"""The request that tells the control plane how far the sandbox's clock is ahead of this machine's. Pure."""

from sandbox.edge.http import HttpRequest


def follow_clock(ahead_ms: int) -> HttpRequest:
    """Queues hide and delay messages by the clock that this gives."""
    return HttpRequest(
        method="POST", host="localhost", path="/_sandbox/clock", query="", headers=(("Host", "localhost"),),
        body=str(ahead_ms).encode(), source_ip="127.0.0.1",
    )  # fmt: skip
