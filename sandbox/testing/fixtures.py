"""pytest fixtures: a running sandbox for a whole test session."""

from collections.abc import Iterator

import pytest

from sandbox.testing.running import RunningSandbox, running


@pytest.fixture(scope="session")
def sandbox_session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSandbox]:
    """One sandbox for every test that asks for it; tests share it and therefore use users and sessions of their own."""
    with running(tmp_path_factory.mktemp("sandbox")) as sandbox:
        yield sandbox
