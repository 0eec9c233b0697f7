"""`python -m sandbox.cli`: the command line where there is no launcher."""

from sandbox.cli import main

main()
