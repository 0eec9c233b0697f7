"""A certificate authority of our own for AWS's host names on this machine."""

import ssl
import threading
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import trustme


class CertificateAuthority:
    """Kept in a folder, so that what trusts it goes on doing so after a restart.

    `path` is the certificate's file, which is there after `prepare`.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._preparing = threading.Lock()
        self.path = folder / "ca.pem"
        self._contexts: dict[tuple[str, tuple[str, ...]], ssl.SSLContext] = {}

    def prepare(self) -> None:
        """Make the authority on first use; its key is readable by the owner only. Blocks; any thread may call it."""
        with self._preparing:
            assert self._authority

    @cached_property
    def _authority(self) -> "trustme.CA":
        # Loaded by those who meet TLS: it brings all of cryptography along.
        import trustme

        certificate, key = self.path, self._folder / "ca.key"
        if certificate.exists() and key.exists():
            return trustme.CA.from_pem(certificate.read_bytes(), key.read_bytes())
        self._folder.mkdir(parents=True, exist_ok=True)
        authority = trustme.CA(key_type=trustme.KeyType.ECDSA)
        key.touch(mode=0o600)
        key.write_bytes(authority.private_key_pem.bytes())
        authority.cert_pem.write_to_path(certificate)
        return authority

    def server_context(self, host: str, *, alpn: tuple[str, ...] = ("http/1.1",)) -> ssl.SSLContext:
        """A server's TLS context with a certificate for `host` and for loopback."""
        self.prepare()
        if (host, alpn) not in self._contexts:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._authority.issue_cert(host, "localhost", "127.0.0.1").configure_cert(context)
            context.set_alpn_protocols(list(alpn))
            self._contexts[host, alpn] = context
        return self._contexts[host, alpn]
