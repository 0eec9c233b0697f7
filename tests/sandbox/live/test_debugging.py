"""A function that is in no stack, and a port that is taken, are one line before anything waits for a debugger."""

import socket

import pytest

from sandbox.definitions.model import Definitions
from sandbox.live.debugging import check, debugging
from sandbox.live.errors import PortTakenError, UnknownFunctionError
from sandbox.live.settings import SandboxSettings

NOTHING = Definitions(revision=1, account_id="123456789012", region="us-east-1", functions={})


def test_a_function_of_no_stack_is_named(tmp_path):
    """It may still come where nothing has been deployed yet."""
    with pytest.raises(UnknownFunctionError, match=r"expected --debug to be one of .*, got worker"):
        check(SandboxSettings(state_dir=tmp_path, debug="worker"), NOTHING)
    check(SandboxSettings(state_dir=tmp_path, debug="worker", empty=True), NOTHING)
    check(SandboxSettings(state_dir=tmp_path), NOTHING)


def test_a_port_that_another_process_has(tmp_path):
    """Told before any function starts, and only where something is debugged."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(PortTakenError, match=f"expected port {port} to be free for a debugger"):
            debugging(SandboxSettings(state_dir=tmp_path, debug="worker", debug_port=port), print)
        assert debugging(SandboxSettings(state_dir=tmp_path, debug_port=port), print) is None
