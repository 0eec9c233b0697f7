"""The command line: exit 0 ok, 1 failed, 2 wrong usage with the next step."""

import sys


def main() -> None:
    """Run `sandbox …`."""
    from sandbox.cli.app import app  # the commands' imports are paid only when one is run

    try:
        app()
    except KeyboardInterrupt:
        sys.exit(130)
