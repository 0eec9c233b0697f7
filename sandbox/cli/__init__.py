"""The command line: exit 0 ok, 1 failed, 2 wrong usage with the next step."""

import sys


def main() -> None:
    """Run `sandbox …`."""
    from sandbox.live import plane_ahead

    if plane_ahead.is_wanted(sys.argv[1:]):
        plane_ahead.begin()
    from sandbox.cli.app import app  # the commands' imports are paid only when one is run

    try:
        app()
    except KeyboardInterrupt:
        sys.exit(130)
