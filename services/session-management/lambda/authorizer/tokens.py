"""Verification of the Cognito user pool's tokens: RS256 against the pool's published keys."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import jwt

KEYS_LIVE_S = 3600
"""How long the published keys are kept in an environment; an unknown key id fetches them again at once."""


class TokenRefusedError(ValueError):
    """The token is none of this pool's and client's valid tokens."""


@dataclass(frozen=True, kw_only=True)
class Pool:
    """The user pool and app client that tokens must be of."""

    region: str
    pool_id: str
    client_id: str

    @property
    def issuer(self) -> str:
        return f"https://cognito-idp.{self.region}.amazonaws.com/{self.pool_id}"


@lru_cache(maxsize=4)
def _keys(issuer: str) -> jwt.PyJWKClient:
    return jwt.PyJWKClient(f"{issuer}/.well-known/jwks.json", cache_keys=True, lifespan=KEYS_LIVE_S, timeout=3)


def verify(token: str, pool: Pool) -> str:
    """The user's `sub`. Raises TokenRefusedError; the token itself is never part of the text.

    An ID token names the client as `aud`, an access token as `client_id` (Cognito, "Verifying JSON web tokens").
    """
    try:
        key = _keys(pool.issuer).get_signing_key_from_jwt(token)
        claims: dict[str, Any] = jwt.decode(
            token,
            key.key,
            algorithms=["RS256"],
            issuer=pool.issuer,
            # A token made by a clock a little ahead of ours is none the worse, and is not to be refused.
            options={"verify_aud": False, "verify_iat": False, "require": ["exp", "iss", "sub", "token_use"]},
        )
    except jwt.PyJWKClientConnectionError:
        raise
    except jwt.PyJWTError as error:
        raise TokenRefusedError(type(error).__name__) from None
    kind = claims["token_use"]
    client = claims.get("aud" if kind == "id" else "client_id")
    if kind not in ("id", "access") or client != pool.client_id:
        raise TokenRefusedError("expected an ID or access token of this app client")
    return str(claims["sub"])
