"""What can go wrong in the stream worker."""


class WorkerError(Exception):
    """Base class."""


class LeaseLostError(WorkerError):
    """Another worker holds the session's lease; nothing may be written any more."""

    def __init__(self, *, session_id: str, token: int) -> None:
        super().__init__(f"expected to hold the lease of {session_id} with token {token}, another worker does")
        self.session_id = session_id
        self.token = token


class QueueGoneError(WorkerError):
    """The session's queue does not exist: the session was cleaned up."""

    def __init__(self, *, queue_url: str) -> None:
        super().__init__(f"expected the queue {queue_url}, it does not exist")
        self.queue_url = queue_url


class StreamError(WorkerError):
    """Transcribe refused or broke off a stream."""

    def __init__(self, *, code: str, message: str) -> None:
        super().__init__(f"expected a stream to its end, got {code}: {message}")
        self.code = code
        self.message = message


class StreamsExhaustedError(WorkerError):
    """Too many streams in a row failed."""

    def __init__(self, *, attempts: int) -> None:
        super().__init__(f"expected a stream that lasts, {attempts} in a row failed")
        self.attempts = attempts


class ServiceCallError(WorkerError):
    """An AWS call failed after its client's own retries. `code` is AWS's, or the name of the client's error."""

    def __init__(self, *, code: str) -> None:
        super().__init__(f"expected an answer, got {code}")
        self.code = code
