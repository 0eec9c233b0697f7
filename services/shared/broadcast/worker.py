"""Messages to a session's stream worker, beside the audio in the session's queue."""

import json

from aws_lambda_powertools import Logger
from botocore.exceptions import BotoCoreError, ClientError

from broadcast import aws, queues

logger = Logger(child=True)


def state_changed(queue_url: str) -> None:
    """Have the worker look at the session at once. It does within a second anyway, so nothing depends on this."""
    try:
        aws.client("sqs").send_message(QueueUrl=queue_url, MessageBody=json.dumps({"kind": queues.STATE_CHANGED}))
    except (ClientError, BotoCoreError) as error:
        logger.warning("the worker was not told of a change", reason=type(error).__name__)
