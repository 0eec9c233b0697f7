"""pytest fixtures: a running sandbox for a whole test session, and its clients' traffic held against the contract."""

from collections.abc import Iterator

import pytest

from sandbox.client.connection import WATCHER
from sandbox.testing.messages import Traffic
from sandbox.testing.running import RunningSandbox, running


@pytest.fixture(scope="session")
def sandbox_session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSandbox]:
    """One sandbox for every test that asks for it; tests share it and therefore use users and sessions of their own."""
    with running(tmp_path_factory.mktemp("sandbox")) as sandbox:
        yield sandbox


@pytest.fixture(scope="session", autouse=True)
def traffic() -> Iterator[Traffic]:
    """Every frame of every `sandbox.client` connection, from before the first test on."""
    watcher = Traffic()
    token = WATCHER.set(watcher)
    yield watcher
    WATCHER.reset(token)


@pytest.fixture(autouse=True)
def contract_kept(traffic: Traffic) -> Iterator[None]:
    """After each test: what was sent is what `docs/messages` allows, and what it does not allow was refused."""
    yield
    complaints = traffic.complaints()
    assert complaints == [], "\n".join(complaints)
