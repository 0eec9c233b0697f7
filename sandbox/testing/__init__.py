"""For tests: a running sandbox of a test's own, and clients on it.

    from sandbox.testing import running

    with running(state_dir) as sandbox:
        speaker = ...

`pytest` users import the fixture: `from sandbox.testing.fixtures import sandbox_session`.
"""

from sandbox.testing.running import RunningSandbox, running

__all__ = ["RunningSandbox", "running"]
