"""How every route answers: what a handler may raise, and what the sender is told for it.

A refusal is told and changes nothing. AWS that throttles or fails is SERVICE_UNAVAILABLE, after the client's own
bounded retries. Anything else is INTERNAL_ERROR and then fails the invocation, so that the function's `Errors` metric,
which its alarm watches, counts it; API Gateway adds its own `Internal server error` frame, which carries no `type`.
"""

from collections.abc import Callable, Mapping
from typing import Any

from aws_lambda_powertools import Logger
from botocore.exceptions import BotoCoreError, ClientError

from broadcast import callbacks, events, measures
from broadcast.errors import Refusal
from broadcast.events import Caller

logger = Logger(child=True)

Route = Callable[[Caller, Mapping[str, Any]], None]


def answer(event: Mapping[str, Any], routes: Mapping[str, Route]) -> dict[str, Any]:
    """Carry out one message and return the integration's answer, which reaches nobody."""
    key, caller = events.route_key(event), events.caller(event)
    logger.append_keys(connectionId=caller.connection_id, route=key)
    try:
        message = events.body(event)
        if key not in routes:
            raise Refusal("INVALID_MESSAGE", f"action: expected a known one, got {str(message.get('action'))[:40]!r}")
        routes[key](caller, message)
    except Refusal as refusal:
        logger.info("refused", code=refusal.code, reason=refusal.message)
        _tell(caller, refusal)
    except (ClientError, BotoCoreError) as error:
        logger.error("AWS did not carry out the action", reason=_reason(error))
        measures.count("ServiceUnavailable")
        _tell(caller, Refusal("SERVICE_UNAVAILABLE", "the action could not be carried out, try again in a moment"))
    except Exception:
        logger.exception("failed")
        _tell(caller, Refusal("INTERNAL_ERROR", "the action could not be carried out, try again"))
        raise
    return {"statusCode": 200}


def _tell(caller: Caller, refusal: Refusal) -> None:
    try:
        callbacks.refuse(caller, refusal)
    except (ClientError, BotoCoreError) as error:
        logger.warning("the sender could not be told", reason=_reason(error))


def _reason(error: ClientError | BotoCoreError) -> str:
    """The error's code and operation: its text may carry what a client sent."""
    if isinstance(error, ClientError):
        return f"{error.operation_name}: {error.response.get('Error', {}).get('Code')}"
    return type(error).__name__
