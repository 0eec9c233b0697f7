"""AWS as the translation processor sees it: its own tables and Translate, Polly and `@connections`, in memory."""

import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError
from broadcast.connections import ConnectionRecord

SEGMENT = {
    "sessionId": "s", "segmentId": "s-0", "sequence": 0, "sourceLanguage": "en", "sourceText": "hello", "startMs": 0,
    "endMs": 900, "isFinal": False, "releasedAtMs": 5, "callbackUrl": "https://x/prod",
}  # fmt: skip


def refusal(code: str, operation: str = "Operation") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": code}}, operation)


class Context:
    """Lambda's context of one invocation."""

    def __init__(self, request_id: str = "r1", remaining_ms: int = 20_000) -> None:
        self.aws_request_id = request_id
        self._remaining_ms = remaining_ms

    def get_remaining_time_in_millis(self) -> int:
        return self._remaining_ms


class Stream:
    """Polly's streaming body."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def __enter__(self) -> "Stream":
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def read(self) -> bytes:
        return self._data


class World:
    """What is listened to, what was asked of each service, and what each is to answer."""

    def __init__(self) -> None:
        self.now_ms = 1_000_000
        self.listeners: list[ConnectionRecord] = []
        self.translated: Counter[str] = Counter()
        self.spoken: list[dict[str, Any]] = []
        self.posted: list[tuple[str, bytes]] = []
        self.left: list[str] = []
        self.gone: set[str] = set()
        self.unreachable: set[str] = set()
        self.throttled = 0
        """Posts still to be refused."""
        self.translate_fails: dict[str, Exception] = {}
        self.while_translating: Callable[[], None] = lambda: None
        self.polly: Callable[[dict[str, Any]], bytes] = lambda _: b"speech"
        self._lock = threading.Lock()

    def sleep(self, seconds: float) -> None:
        self.now_ms += round(seconds * 1_000)

    def listen(self, *languages: str) -> None:
        self.listeners = [
            ConnectionRecord(
                connectionId=f"{language}-{number}", role="listener", userId="anonymous", callbackUrl="https://x/prod",
                connectedAtMs=0, ttl=0, sessionId="s", targetLanguage=language,
            )
            for number, language in enumerate(languages)
        ]  # fmt: skip

    def of_language(self, language: str | None) -> list[ConnectionRecord]:
        return [one for one in self.listeners if language in (None, one.targetLanguage)]

    # Translate

    def translate_text(self, **request: str) -> dict[str, Any]:
        language = request["TargetLanguageCode"]
        with self._lock:
            self.translated[language] += 1
        self.while_translating()
        if language in self.translate_fails:
            raise self.translate_fails[language]
        return {"TranslatedText": f"{request['Text']} in {language}", "ResponseMetadata": {"RetryAttempts": 1}}

    # Polly

    def synthesize_speech(self, **request: Any) -> dict[str, Any]:
        with self._lock:
            self.spoken.append(request)
        return {"AudioStream": Stream(self.polly(request))}

    # `@connections`

    def send(self, _url: str, connection_id: str, data: bytes) -> bool:
        with self._lock:
            throttled, self.throttled = self.throttled > 0, max(0, self.throttled - 1)
        if throttled or connection_id in self.unreachable:
            raise refusal("LimitExceededException", "PostToConnection")
        if connection_id in self.gone:
            return False
        with self._lock:
            self.posted.append((connection_id, data))
        return True
