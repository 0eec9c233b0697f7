"""The claims of a Cognito user pool's ID and access tokens. Pure."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

TokenKind = Literal["id", "access"]

DEFAULT_LIFETIME_S = 3600
"""ID and access tokens live an hour by default (Cognito, "Using the ID token")."""

_OWN = frozenset(
    "sub iss aud client_id origin_jti event_id token_use auth_time exp iat jti scope username email_verified".split()
)
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


@dataclass(frozen=True, kw_only=True)
class User:
    """Whose token it is. `attributes` are as in the pool: `email`, `custom:tier`; their values are always text."""

    name: str
    groups: tuple[str, ...] = ()
    attributes: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        wrong = [one for one in self.attributes if one in _OWN or one.startswith("cognito:")]
        if wrong:
            raise AttributeNameError(wrong[0])


class AttributeNameError(ValueError):
    """An attribute that the pool itself writes."""

    def __init__(self, name: str) -> None:
        super().__init__(f"expected an attribute of the user, such as email or custom:tier, got {name}, the pool's own")


def claims(
    pool: PoolIdentity, *, user: User, kind: TokenKind, now_s: int, expires_in_s: int, token_id: str
) -> dict[str, Any]:
    """The payload of one token, in the shape of Cognito's guides: an access token has `client_id` and no `aud`, groups
    and no attributes."""
    common: dict[str, Any] = {
        "sub": subject(pool.pool_id, user.name),
        "iss": pool.issuer,
        "origin_jti": token_id,
        "event_id": token_id,
        "token_use": kind,
        "auth_time": now_s,
        "exp": now_s + expires_in_s,
        "iat": now_s,
        "jti": token_id,
    }
    if user.groups:
        common["cognito:groups"] = list(user.groups)
    if kind == "id":
        named = {"aud": pool.client_id, "cognito:username": user.name, "email_verified": True}
        return {**common, **named, **user.attributes}
    return common | {"client_id": pool.client_id, "scope": "aws.cognito.signin.user.admin", "username": user.name}
