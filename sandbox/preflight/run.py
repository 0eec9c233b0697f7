"""Every check over a project: synthesises what can be, and goes on with the rest."""

from datetime import date
from functools import partial
from pathlib import Path

from sandbox.deployment import assembly
from sandbox.deployment.errors import SynthesisError
from sandbox.deployment.synth import content_hash, find_apps, synthesise
from sandbox.made_once import made_once
from sandbox.preflight import (
    code,
    functions,
    lint,
    nag,
    names,
    packages,
    recursion,
    schedules,
    sizes,
    stacks,
    synthesis,
    wheels,
)
from sandbox.preflight.findings import Finding
from sandbox.preflight.plan import read


def definitions(
    project: Path, *, environment: str, cache_dir: Path, account_id: str, region: str, today: date
) -> list[Finding]:
    """What is found in the definitions themselves, in their assets and by the linters."""
    project = project.resolve()
    root = cache_dir.resolve() / "assemblies" / content_hash(project, environment)
    found: list[Finding] = []
    artifacts = []
    for app in find_apps(project / "services"):
        make = partial(synthesise, app, environment=environment)
        try:
            folder = made_once(root / app.name, make)
        except SynthesisError as error:
            found.append(synthesis.finding(app.name, error.reason))
        else:
            artifacts += assembly.read(folder, account_id=account_id, region=region)
    whole = not found
    plan = read(artifacts, account_id=account_id, region=region, unpacked_dir=cache_dir.resolve() / "layers")
    for check in (
        code.check,
        schedules.check,
        recursion.check,
        packages.check,
        wheels.check,
        sizes.check,
        stacks.check,
    ):
        found += check(plan)
    found += functions.check(plan, today=today)
    if whole:
        # An app that is not synthesised may create what others name.
        found += names.check(plan)
        found += nag.check(project, environment=environment, cache_dir=cache_dir)
    if plan.templates:
        found += lint.check(plan.templates.values())
    return found
