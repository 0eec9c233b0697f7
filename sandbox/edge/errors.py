"""What can keep the edge from serving."""


class PortInUseError(OSError):
    """Another process has the port."""

    def __init__(self, port: int) -> None:
        super().__init__(
            f"expected port {port} to be free, another process has it: give another --port, or 0 for a free one"
        )
        self.port = port
