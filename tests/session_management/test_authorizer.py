"""The authorizer takes the pool's own valid tokens and no others, and never logs one."""

import json
import time

import jwt
import pytest
from authorizer import handler as authorizer
from authorizer import tokens
from broadcast import measures
from cryptography.hazmat.primitives.asymmetric import rsa

POOL = "us-east-1_TEST"
ISSUER = f"https://cognito-idp.us-east-1.amazonaws.com/{POOL}"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
FOREIGN = rsa.generate_private_key(public_exponent=65537, key_size=2048)
ARN = "arn:aws:execute-api:us-east-1:123456789012:api/prod/$connect"


@pytest.fixture(autouse=True)
def pool(monkeypatch):
    """The pool's variables, and its published key set without a network."""
    for name, value in {
        "COGNITO_USER_POOL_ID": POOL, "COGNITO_CLIENT_ID": "client", "AWS_REGION": "us-east-1",
        "POWERTOOLS_METRICS_NAMESPACE": "SessionManagement", "POWERTOOLS_SERVICE_NAME": "session-management",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    published = jwt.algorithms.RSAAlgorithm.to_jwk(KEY.public_key(), as_dict=True)
    keys = {"keys": [{**published, "kid": "k1", "use": "sig", "alg": "RS256"}]}
    monkeypatch.setattr(jwt.PyJWKClient, "fetch_data", lambda self: keys)
    tokens._keys.cache_clear()
    measures._metrics.cache_clear()


def token(*, key=KEY, kid: str = "k1", without: str = "", **changes) -> str:
    claims = {
        "sub": "ada-sub", "iss": ISSUER, "token_use": "id", "aud": "client", "exp": int(time.time()) + 60, **changes,
    }  # fmt: skip
    claims.pop(without, None)
    return jwt.encode(claims, key, algorithm="RS256", headers={"kid": kid})


def authorize(**query):
    return authorizer.handler({"methodArn": ARN, "queryStringParameters": query or None}, object())


@pytest.mark.parametrize("changes", [{}, {"token_use": "access", "client_id": "client", "without": "aud"}])
def test_a_valid_token_of_either_kind_makes_a_speaker(changes):
    """Its user is the token's `sub`."""
    allowed = authorize(token=token(**changes))
    assert allowed["context"] == {"role": "speaker", "userId": "ada-sub"}
    assert allowed["policyDocument"]["Statement"][0]["Resource"] == ARN


@pytest.mark.parametrize(
    "bad",
    [
        lambda: token(exp=int(time.time()) - 1),
        lambda: token(key=FOREIGN),
        lambda: token(kid="unknown"),
        lambda: token(iss=ISSUER.replace("TEST", "OTHER")),
        lambda: token(aud="another-client"),
        lambda: token(token_use="access", client_id="another-client"),
        lambda: token(token_use="refresh"),
        lambda: token(without="exp"),
        lambda: jwt.encode({"sub": "ada"}, "", algorithm="none"),
        lambda: "not.a.token",
        lambda: "",
    ],
)
def test_any_other_token_is_unauthorized_and_is_not_logged(bad, capsys):
    """Expired, forged, of another pool or client, of another kind: API Gateway answers 401 to this very text, and the
    refusal is counted."""
    given = bad()
    with pytest.raises(authorizer.Unauthorized, match=r"^Unauthorized$"):
        authorize(token=given)
    printed = capsys.readouterr()
    assert json.loads(printed.out.splitlines()[-1])["ConnectionErrors"] == [1.0]
    assert not given or given not in printed.out + printed.err


def test_a_token_of_a_clock_that_is_ahead_is_taken():
    """The pool's clock and ours never agree to the second."""
    assert authorize(token=token(iat=int(time.time()) + 5))["context"]["role"] == "speaker"


def test_a_session_to_listen_to_makes_an_anonymous_listener():
    """Whether it exists is `$connect`'s to say."""
    allowed = authorize(sessionId="golden-eagle-427", targetLanguage="es")
    assert allowed["context"] == {"role": "listener", "userId": "anonymous"}


@pytest.mark.parametrize("query", [{}, {"sessionId": "golden-eagle-427"}, {"targetLanguage": "es"}])
def test_neither_is_unauthorized(query):
    """Contract, "Connecting"."""
    with pytest.raises(authorizer.Unauthorized):
        authorize(**query)


def test_a_token_makes_a_speaker_whatever_else_is_there():
    """A bad token does not become a listener either."""
    assert authorize(token=token(), sessionId="golden-eagle-427", targetLanguage="es")["context"]["role"] == "speaker"
    with pytest.raises(authorizer.Unauthorized):
        authorize(token="bad", sessionId="golden-eagle-427", targetLanguage="es")
