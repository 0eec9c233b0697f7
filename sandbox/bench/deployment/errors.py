"""What can keep deployments from being measured; each text is one line."""


class DeploymentBenchError(RuntimeError):
    """A command failed that should have worked."""
