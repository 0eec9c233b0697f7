"""Who may read a session's queue. Pure.

A lease stands in the session's item: a token that grows with every change of hands, the owner, and when it expires
unless renewed. Every write of a worker is conditional on token and owner, so that one who lost the lease without
noticing changes nothing. A lease that was released has expiry 0; any other that is over belonged to a worker that died.
"""

from dataclasses import dataclass
from enum import Enum, auto


@dataclass(frozen=True, kw_only=True)
class Lease:
    """A session's lease as read. Token 0: there has been none yet."""

    token: int = 0
    owner: str = ""
    expires_at_ms: int = 0
    successor: str = ""

    def is_live(self, now_ms: int) -> bool:
        return self.expires_at_ms > now_ms

    @property
    def is_released(self) -> bool:
        return self.expires_at_ms == 0


class Claim(Enum):
    """What a worker that wants the lease does next."""

    OWN = auto()
    ACQUIRE = auto()
    ANNOUNCE = auto()
    WAIT = auto()
    LEAVE = auto()


def claim(lease: Lease, *, worker: str, predecessor_token: int | None, now_ms: int) -> Claim:
    """The next step of a worker that holds nothing.

    A worker without predecessor takes a free lease or leaves. A successor announces itself, waits until the lease is
    passed to it or expires, and leaves when it was released, passed to another or announced by another.
    """
    if lease.token and lease.owner == worker:
        return Claim.OWN
    if predecessor_token is None:
        return Claim.LEAVE if lease.is_live(now_ms) else Claim.ACQUIRE
    if lease.token != predecessor_token or lease.is_released:
        return Claim.LEAVE
    if not lease.is_live(now_ms):
        return Claim.ACQUIRE
    if not lease.successor:
        return Claim.ANNOUNCE
    return Claim.WAIT if lease.successor == worker else Claim.LEAVE
