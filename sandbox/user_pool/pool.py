"""The user pools that the deployed functions name, with their tokens and the published key sets."""

import json
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

from sandbox.definitions.model import Definitions
from sandbox.edge.http import HttpRequest, HttpResponse
from sandbox.journal import Now
from sandbox.user_pool.claims import DEFAULT_LIFETIME_S, PoolIdentity, TokenKind, User, claims

if TYPE_CHECKING:
    from sandbox.user_pool.keys import SigningKeys

POOL_VARIABLE = "COGNITO_USER_POOL_ID"
CLIENT_VARIABLE = "COGNITO_CLIENT_ID"


class NoUserPoolError(LookupError):
    """No deployed function names a user pool."""

    def __init__(self) -> None:
        super().__init__(
            f"expected a deployed function with {POOL_VARIABLE} and {CLIENT_VARIABLE} in its environment, found none: "
            "deploy the session-management stack first"
        )


def pools_of(definitions: Definitions) -> dict[str, PoolIdentity]:
    """The pools that functions verify tokens against, by id; on AWS they exist before the stacks."""
    found = {}
    for function in definitions.functions.values():
        pool_id, client_id = function.environment.get(POOL_VARIABLE), function.environment.get(CLIENT_VARIABLE)
        if pool_id and client_id:
            found[pool_id] = PoolIdentity(region=definitions.region, pool_id=pool_id, client_id=client_id)
    return found


class UserPools:
    """Signs tokens and answers for `cognito-idp`'s key-set URL. Keys live under `folder`."""

    def __init__(self, *, clock: Now, folder: Path) -> None:
        self._clock = clock
        self._folder = folder
        self._pools: dict[str, PoolIdentity] = {}

    def apply(self, definitions: Definitions) -> None:
        """Follow the deployed functions."""
        self._pools = pools_of(definitions)

    def token(self, user: User, *, kind: TokenKind = "id", expires_in_s: int = DEFAULT_LIFETIME_S) -> str:
        """A JWT for `user` of the first deployed pool; a negative lifetime gives an expired one."""
        if not self._pools:
            raise NoUserPoolError
        pool = next(iter(self._pools.values()))
        now_s = self._clock.now_ms() // 1000
        payload = claims(pool, user=user, kind=kind, now_s=now_s, expires_in_s=expires_in_s, token_id=str(uuid.uuid4()))
        return self._keys(pool.pool_id).sign(payload, kind)

    async def handle(self, request: HttpRequest) -> HttpResponse:
        """`GET /{poolId}/.well-known/jwks.json`; an unknown pool is the 404 that Cognito gives."""
        pool_id = request.path.strip("/").split("/")[0]
        if request.method != "GET" or not request.path.endswith("/.well-known/jwks.json") or pool_id not in self._pools:
            return HttpResponse(status=404, body=b'{"message":"User pool does not exist."}')
        body = json.dumps(self._keys(pool_id).key_set(), separators=(",", ":")).encode()
        return HttpResponse(status=200, headers=(("Content-Type", "application/json"),), body=body)

    def _keys(self, pool_id: str) -> "SigningKeys":
        # Loaded with the first token: it brings all of cryptography along.
        from sandbox.user_pool import keys

        return keys.load_or_generate(self._folder / f"{pool_id}.json")
