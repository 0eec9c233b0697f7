"""`ingest.IngestPorts` on AWS."""

import logging

from botocore.exceptions import BotoCoreError, ClientError
from broadcast import aws, callbacks, connections, sessions, settings
from broadcast.connections import ConnectionRecord
from broadcast.errors import Refusal
from broadcast.events import Caller
from broadcast.sessions import Session

from audio_processor import limits
from audio_processor.invocation import StreamWorkerRequest

log = logging.getLogger(__name__)


class AwsIngestPorts:
    """The tables, the queue, the function itself and the gateway."""

    def connection(self, connection_id: str) -> ConnectionRecord | None:
        try:
            return connections.get(connection_id, quick=True)
        except (ClientError, BotoCoreError) as error:
            raise _unanswered(error) from None

    def session(self, session_id: str) -> Session | None:
        try:
            return sessions.get(session_id, quick=True)
        except (ClientError, BotoCoreError) as error:
            raise _unanswered(error) from None

    def note_audio(self, session_id: str, now_ms: int) -> bool:
        try:
            return sessions.note_audio(session_id, now_ms=now_ms)
        except (ClientError, BotoCoreError) as error:
            raise _unanswered(error) from None

    def send(self, queue_url: str, body: str) -> None:
        sqs = aws.client("sqs")
        try:
            sqs.send_message(QueueUrl=queue_url, MessageBody=body)
        except sqs.exceptions.QueueDoesNotExist:
            raise Refusal("SESSION_NOT_FOUND", "sendAudio: expected a live session, this one was cleaned up") from None
        except (ClientError, BotoCoreError) as error:
            log.error("a chunk could not be queued: %s", type(error).__name__)
            raise Refusal("SERVICE_UNAVAILABLE", "sendAudio: the chunk was not taken, send it again") from None

    def claim_start(self, session_id: str, now_ms: int) -> bool:
        try:
            return sessions.ask_for_worker(session_id, now_ms=now_ms, patience_ms=limits.START_PATIENCE_MS)
        except (ClientError, BotoCoreError) as error:
            log.error("it is not known whether a stream worker starts: %s", type(error).__name__)
            return False

    def start_worker(self, request: StreamWorkerRequest) -> None:
        try:
            aws.client("lambda").invoke(
                FunctionName=settings.audio_processor(), InvocationType="Event", Payload=request.to_payload()
            )
        except (ClientError, BotoCoreError) as error:
            # The chunk is queued all the same, and the next look at the lease tries again.
            log.error("a stream worker could not be started: %s", type(error).__name__)

    def refuse(self, caller: Caller, refusal: Refusal) -> None:
        try:
            callbacks.refuse(caller, refusal)
        except (ClientError, BotoCoreError) as error:
            log.warning("a refusal could not be told: %s", type(error).__name__)


def _unanswered(error: Exception) -> Refusal:
    log.error("a table did not answer: %s", type(error).__name__)
    return Refusal("SERVICE_UNAVAILABLE", "sendAudio: the session could not be looked up, send the chunk again")
