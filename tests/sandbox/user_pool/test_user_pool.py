"""The local user pool makes tokens that a verifier written for Cognito accepts, and only those."""

import asyncio
import json
from typing import Any

import jwt
import pytest

from sandbox.definitions.model import Definitions, Function
from sandbox.edge.http import HttpRequest
from sandbox.user_pool.claims import AttributeNameError, User
from sandbox.user_pool.pool import NoUserPoolError, UserPools

ADA = User(name="ada")
NOW_MS = 1_795_449_600_123


class FixedClock:
    def now_ms(self) -> int:
        return NOW_MS


def definitions(environment: dict[str, str]) -> Definitions:
    function = Function(
        name="f", arn="arn:aws:lambda:us-east-1:123456789012:function:f", runtime="python3.11", handler="h.handler",
        role_arn="r", timeout_s=3, memory_mb=128, path="/code", code_sha256="0", environment=environment,
    )  # fmt: skip
    return Definitions(revision=1, account_id="123456789012", region="us-east-1", functions={"f": function})


def pools(tmp_path) -> UserPools:
    made = UserPools(clock=FixedClock(), folder=tmp_path)
    made.apply(definitions({"COGNITO_USER_POOL_ID": "us-east-1_TEST", "COGNITO_CLIENT_ID": "client"}))
    return made


def key_set(made: UserPools, path: str = "/us-east-1_TEST/.well-known/jwks.json"):
    request = HttpRequest(
        method="GET", host="cognito-idp.us-east-1.amazonaws.com", path=path, query="", headers=(), body=b"",
        source_ip="127.0.0.1",
    )  # fmt: skip
    return asyncio.run(made.handle(request))


@pytest.mark.parametrize(("kind", "present", "absent"), [("id", "aud", "client_id"), ("access", "client_id", "aud")])
def test_a_token_verifies_against_the_published_keys_and_has_its_kinds_claims(tmp_path, kind, present, absent):
    """K-01, K-02: an ID token names its client as `aud`, an access token as `client_id`."""
    made = pools(tmp_path)
    token = made.token(ADA, kind=kind)
    keys = {key["kid"]: key for key in json.loads(key_set(made).body)["keys"]}
    key = jwt.PyJWK(keys[jwt.get_unverified_header(token)["kid"]])
    options: Any = {"verify_exp": False, "verify_iat": False, "verify_aud": False}
    payload = jwt.decode(token, key, algorithms=["RS256"], options=options)
    assert payload["iss"] == "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_TEST"
    assert payload["token_use"] == kind
    assert payload[present] == "client"
    assert absent not in payload
    common = {"sub", "iss", "origin_jti", "event_id", "token_use", "auth_time", "exp", "iat", "jti"}
    of_kind = {"id": {"aud", "cognito:username", "email_verified"}, "access": {"client_id", "scope", "username"}}
    assert payload.keys() == common | of_kind[kind]


def test_a_token_lives_an_hour_unless_told_otherwise(tmp_path):
    """K-04: counted from the login."""
    made = pools(tmp_path)
    for token, lifetime_s in ((made.token(ADA), 3600), (made.token(ADA, expires_in_s=300), 300)):
        payload = jwt.decode(token, options={"verify_signature": False})
        assert payload["exp"] - payload["iat"] == lifetime_s
        assert payload["auth_time"] == payload["iat"]


def test_id_and_access_tokens_are_signed_with_different_keys(tmp_path):
    """K-03: the key set holds two keys."""
    made = pools(tmp_path)
    ids = {jwt.get_unverified_header(made.token(ADA, kind=kind))["kid"] for kind in ("id", "access")}
    assert ids == {key["kid"] for key in json.loads(key_set(made).body)["keys"]}
    assert len(ids) == 2


def test_a_negative_lifetime_gives_an_expired_token(tmp_path):
    """`sandbox token --expires-in -10` is for trying refusals."""
    payload = jwt.decode(pools(tmp_path).token(ADA, expires_in_s=-10), options={"verify_signature": False})
    assert payload["exp"] == NOW_MS // 1000 - 10


def test_keys_survive_a_restart(tmp_path):
    """A token made before a restart still verifies after it."""
    assert key_set(pools(tmp_path)).body == key_set(pools(tmp_path)).body


def test_another_pool_is_not_found(tmp_path):
    """Only pools that deployed functions name are answered for."""
    assert key_set(pools(tmp_path), "/us-east-1_OTHER/.well-known/jwks.json").status == 404


def test_without_a_pool_the_error_names_the_next_step(tmp_path):
    """Asking for a token before anything is deployed says what to deploy."""
    empty = UserPools(clock=FixedClock(), folder=tmp_path)
    with pytest.raises(NoUserPoolError, match="deploy the session-management stack first"):
        empty.token(ADA)


def test_groups_are_in_both_tokens_and_attributes_in_the_id_token_alone(tmp_path):
    """K-01, K-02: an access token says nothing of the user but name and groups."""
    made = pools(tmp_path)
    user = User(name="ada", groups=("speakers", "admins"), attributes={"email": "ada@example.org", "custom:tier": "2"})
    of_id, of_access = (
        jwt.decode(made.token(user, kind=kind), options={"verify_signature": False}) for kind in ("id", "access")
    )
    assert of_id["cognito:groups"] == of_access["cognito:groups"] == ["speakers", "admins"]
    assert (of_id["email"], of_id["custom:tier"]) == ("ada@example.org", "2")
    assert not {"email", "custom:tier"} & of_access.keys()


@pytest.mark.parametrize("name", ["sub", "aud", "cognito:groups"])
def test_what_the_pool_writes_is_no_attribute(name):
    """One clear line, rather than a token that no pool would sign."""
    with pytest.raises(AttributeNameError, match=f"expected an attribute of the user, such as email.*got {name}"):
        User(name="ada", attributes={name: "x"})
