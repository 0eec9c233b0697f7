"""A certificate authority of our own for AWS's host names on this machine."""

import ssl
from pathlib import Path

import trustme


class CertificateAuthority:
    """Kept in a folder, so that what trusts it goes on doing so after a restart. `path` is the certificate's file."""

    def __init__(self, authority: trustme.CA, folder: Path) -> None:
        self._authority = authority
        self.path = folder / "ca.pem"
        self._contexts: dict[tuple[str, tuple[str, ...]], ssl.SSLContext] = {}

    @classmethod
    def load_or_create(cls, folder: Path) -> "CertificateAuthority":
        """The authority kept in `folder`, made on first use; its key is readable by the owner only."""
        certificate, key = folder / "ca.pem", folder / "ca.key"
        if certificate.exists() and key.exists():
            return cls(trustme.CA.from_pem(certificate.read_bytes(), key.read_bytes()), folder)
        folder.mkdir(parents=True, exist_ok=True)
        authority = trustme.CA(key_type=trustme.KeyType.ECDSA)
        key.touch(mode=0o600)
        key.write_bytes(authority.private_key_pem.bytes())
        authority.cert_pem.write_to_path(certificate)
        return cls(authority, folder)

    def server_context(self, host: str, *, alpn: tuple[str, ...] = ("http/1.1",)) -> ssl.SSLContext:
        """A server's TLS context with a certificate for `host` and for loopback."""
        if (host, alpn) not in self._contexts:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._authority.issue_cert(host, "localhost", "127.0.0.1").configure_cert(context)
            context.set_alpn_protocols(list(alpn))
            self._contexts[host, alpn] = context
        return self._contexts[host, alpn]
