"""The end-to-end tests share one running sandbox."""

from sandbox.testing.fixtures import sandbox_session

__all__ = ["sandbox_session"]
