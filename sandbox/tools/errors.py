"""What can keep a tool from being installed."""


class InstallError(Exception):
    """Packages cannot be had here; the text says why."""
