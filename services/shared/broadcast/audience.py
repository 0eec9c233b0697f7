"""The same for every listener of a session, many at once: 500 in a row would take longer than a function may."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from aws_lambda_powertools import Logger
from botocore.exceptions import BotoCoreError, ClientError

from broadcast import aws, callbacks
from broadcast.connections import ConnectionRecord

logger = Logger(child=True)

ONE_BY_ONE = 2
"""So few are served without threads, whose start would take longer."""


def each(listeners: Sequence[ConnectionRecord], work: Callable[[ConnectionRecord], None]) -> None:
    """Do the work for every listener. AWS's failure for one is logged and stops nobody's."""

    def carefully(listener: ConnectionRecord) -> None:
        try:
            work(listener)
        except (ClientError, BotoCoreError) as error:
            logger.warning("a listener was left out", connectionId=listener.connectionId, reason=type(error).__name__)

    if len(listeners) <= ONE_BY_ONE:
        for listener in listeners:
            carefully(listener)
        return
    with ThreadPoolExecutor(max_workers=min(len(listeners), aws.POSTS_AT_ONCE)) as threads:
        list(threads.map(carefully, listeners))


def tell(listeners: Sequence[ConnectionRecord], message: Mapping[str, Any]) -> None:
    """Send one message to every listener; the minute's rule counts out those that are gone."""
    data = callbacks.encode(message)

    def send(listener: ConnectionRecord) -> None:
        callbacks.send(listener.callbackUrl, listener.connectionId, data)

    each(listeners, send)
