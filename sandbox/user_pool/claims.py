"""The claims of a Cognito user pool's ID and access tokens. Pure."""

import uuid
from dataclasses import dataclass
from typing import Any, Literal

TokenKind = Literal["id", "access"]

DEFAULT_LIFETIME_S = 3600
"""ID and access tokens live an hour by default (Cognito, "Using the ID token")."""

_USER_NAMESPACE = uuid.UUID("5f0c3a52-6f0b-4c3e-9d55-0f4b8f8f2c11")


@dataclass(frozen=True, kw_only=True)
class PoolIdentity:
    """Which pool and app client a token is of."""

    region: str
    pool_id: str
    client_id: str

    @property
    def issuer(self) -> str:
        return f"https://cognito-idp.{self.region}.amazonaws.com/{self.pool_id}"


def subject(pool_id: str, user: str) -> str:
    """The user's `sub`: a UUID, the same for the same user of the same pool."""
    return str(uuid.uuid5(_USER_NAMESPACE, f"{pool_id}/{user}"))


def claims(
    pool: PoolIdentity, *, user: str, kind: TokenKind, now_s: int, expires_in_s: int, token_id: str
) -> dict[str, Any]:
    """The payload of one token, in the shape of Cognito's guides: an access token has `client_id` and no `aud`."""
    common = {
        "sub": subject(pool.pool_id, user),
        "iss": pool.issuer,
        "origin_jti": token_id,
        "event_id": token_id,
        "token_use": kind,
        "auth_time": now_s,
        "exp": now_s + expires_in_s,
        "iat": now_s,
        "jti": token_id,
    }
    if kind == "id":
        return common | {"aud": pool.client_id, "cognito:username": user, "email_verified": True}
    return common | {"client_id": pool.client_id, "scope": "aws.cognito.signin.user.admin", "username": user}
