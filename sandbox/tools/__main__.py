"""`python -m sandbox.tools`: installs the tools, their launchers beside this Python; `lock` locks npm's again."""

import sys
from pathlib import Path

from sandbox.tools.errors import InstallError
from sandbox.tools.launchers import install
from sandbox.tools.packages import lock_npm

HERE = Path(__file__).resolve().parent


def main() -> None:
    try:
        if sys.argv[1:] == ["lock"]:
            lock_npm(HERE)
        else:
            install(Path(sys.executable).parent)
    except InstallError as error:
        sys.exit(f"tools: {error}")


if __name__ == "__main__":
    main()
