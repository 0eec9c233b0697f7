"""What can keep the gateway's bench from measuring."""


class GatewayBenchError(RuntimeError):
    """Base: one line with the next step."""


class ToolMissingError(GatewayBenchError):
    """A peer needs a program that is not here."""

    def __init__(self, tool: str, peer: str) -> None:
        super().__init__(
            f"expected {tool} on the PATH to install {peer}, found none: install it, or leave the peer out"
        )


class InstallFailedError(GatewayBenchError):
    """A package client did not install a peer."""

    def __init__(self, peer: str, said: str) -> None:
        super().__init__(f"expected {peer} to be installed, got: {said or 'nothing said'}")


class EmulatorFailedError(GatewayBenchError):
    """An emulator did not answer, or ended."""

    def __init__(self, name: str, reason: str, log: str) -> None:
        super().__init__(f"expected {name} to answer, {reason}: see {log}")
