"""The end-to-end tests share one running sandbox, and every frame of theirs is held against `docs/messages`."""

from sandbox.testing.fixtures import contract_kept, sandbox_session, traffic

__all__ = ["contract_kept", "sandbox_session", "traffic"]
