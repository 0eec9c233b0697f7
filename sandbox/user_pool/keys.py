"""The pool's two RSA keys (ID and access tokens are signed with different ones), kept in the state folder."""

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from sandbox.user_pool.claims import TokenKind

KEY_BITS = 2048
"""Cognito signs with RS256 on 2048-bit keys ("Verifying JSON web tokens")."""

KINDS: tuple[TokenKind, ...] = ("id", "access")


@dataclass(frozen=True, kw_only=True)
class SigningKeys:
    """One private key a token kind, in PEM."""

    private_pem: dict[TokenKind, str]

    def key_id(self, kind: TokenKind) -> str:
        """The `kid` of a kind's key: stable for the key."""
        numbers = self._private(kind).public_key().public_numbers()
        return f"{numbers.n % (1 << 160):040x}"

    def sign(self, payload: dict[str, Any], kind: TokenKind) -> str:
        """The payload as a signed JWT."""
        return jwt.encode(payload, self._private(kind), algorithm="RS256", headers={"kid": self.key_id(kind)})

    def key_set(self) -> dict[str, Any]:
        """The JSON Web Key Set that the pool publishes: both public keys."""
        keys = []
        for kind in KINDS:
            public = jwt.algorithms.RSAAlgorithm.to_jwk(self._private(kind).public_key(), as_dict=True)
            keys.append(
                {
                    "alg": "RS256",
                    "e": public["e"],
                    "kid": self.key_id(kind),
                    "kty": "RSA",
                    "n": public["n"],
                    "use": "sig",
                }
            )
        return {"keys": keys}

    def _private(self, kind: TokenKind) -> rsa.RSAPrivateKey:
        return _loaded(self.private_pem[kind])


@lru_cache(maxsize=16)
def _loaded(pem: str) -> rsa.RSAPrivateKey:
    """Loading checks the key, which takes tens of milliseconds."""
    key = serialization.load_pem_private_key(pem.encode(), password=None)
    assert isinstance(key, rsa.RSAPrivateKey)
    return key


def generate() -> SigningKeys:
    """Two fresh keys."""
    pem: dict[TokenKind, str] = {}
    for kind in KINDS:
        key = rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)
        pem[kind] = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode()
    return SigningKeys(private_pem=pem)


def load_or_generate(path: Path) -> SigningKeys:
    """The keys kept at `path` (readable by the owner only), made on first use, so that tokens survive a restart."""
    if path.exists():
        return SigningKeys(private_pem=json.loads(path.read_text()))
    keys = generate()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_text(json.dumps(keys.private_pem))
    return keys
