"""`$connect`'s authorizer. Neither a token nor a session to listen to is `Unauthorized`, which clients see as 401."""

import os
from typing import Any

from aws_lambda_powertools import Logger
from broadcast import measures, settings

from authorizer.tokens import Pool, TokenRefusedError, verify

logger = Logger()


class Unauthorized(Exception):  # noqa: N818 - API Gateway knows the refusal by this text
    """API Gateway answers 401 when the authorizer fails with exactly this text."""

    def __init__(self) -> None:
        super().__init__("Unauthorized")


@measures.flushed
def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """An IAM policy for the connection, with the caller's role and user in its context."""
    query = event.get("queryStringParameters") or {}
    token = query.get("token")
    if token is not None:
        return _allow(event, role="speaker", user_id=_user_of(token))
    if query.get("sessionId") and query.get("targetLanguage"):
        return _allow(event, role="listener", user_id="anonymous")
    raise _refused("neither a token nor a session to listen to")


def _user_of(token: str) -> str:
    pool = Pool(
        region=os.environ["AWS_REGION"],
        pool_id=settings.variable("COGNITO_USER_POOL_ID"),
        client_id=settings.variable("COGNITO_CLIENT_ID"),
    )
    try:
        return verify(token, pool)
    except TokenRefusedError as error:
        raise _refused(str(error)) from None


def _refused(reason: str) -> Unauthorized:
    logger.info("connection refused", reason=reason)
    measures.count("ConnectionErrors")
    return Unauthorized()


def _allow(event: dict[str, Any], *, role: str, user_id: str) -> dict[str, Any]:
    statement = {"Action": "execute-api:Invoke", "Effect": "Allow", "Resource": event["methodArn"]}
    return {
        "principalId": user_id,
        "policyDocument": {"Version": "2012-10-17", "Statement": [statement]},
        "context": {"role": role, "userId": user_id},
    }
