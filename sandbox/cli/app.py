"""Every command of `sandbox`, by name; each group of commands is a module."""

import typer

from sandbox.cli import (
    alarms,
    bench,
    clients,
    demo,
    fault,
    look,
    metrics,
    policies,
    preflight,
    report,
    sim,
    smoke,
    system,
    trace,
)

app = typer.Typer(
    name="sandbox",
    help="A serverless live speech-translation backend, running on this machine as AWS would run it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
demo.register(app)
system.register(app)
look.register(app)
trace.register(app)
fault.register(app)
alarms.register(app)
metrics.register(app)
preflight.register(app)
smoke.register(app)
report.register(app)
clients.register(app)
policies.register(app)
bench.register(app)
sim.register(app)
