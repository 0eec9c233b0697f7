"""Why LocalStack could not be had; each text is one line with the next step."""

from sandbox.testing.backend_process import BackendError


class LocalStackError(BackendError):
    """Base: something failed that should have worked."""


class MissingToolError(LocalStackError):
    """This machine lacks what LocalStack needs: nothing is wrong with the project, and nothing can be tested."""
