"""What one invocation is given, and how it may end."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto

from audio_processor.core_port import CoreFactory
from audio_processor.ports import AudioQueue, Clock, Meter, Outside, SessionStore, Settings, Transcriber


@dataclass(frozen=True, kw_only=True)
class Ports:
    """The world of one worker. `jitter` draws from 0 to 1."""

    store: SessionStore
    queue: AudioQueue
    transcriber: Transcriber
    outside: Outside
    settings: Settings
    meter: Meter
    clock: Clock
    make_core: CoreFactory
    jitter: Callable[[], float]


@dataclass(frozen=True, kw_only=True)
class Assignment:
    """What one invocation is to do. `worker` names it uniquely; `ends_at_ms` is its time limit, epoch time."""

    worker: str
    session_id: str
    callback_url: str
    generation: int
    predecessor_token: int | None
    ends_at_ms: int


class Ending(Enum):
    """How a worker came to its end."""

    NOT_NEEDED = auto()
    LEASE_LOST = auto()
    HANDED_OVER = auto()
    LET_GO = auto()
    IDLE = auto()
    SESSION_OVER = auto()
