"""The report as sections, before it is Markdown or a page. Pure."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sandbox.deployment_report.changes import Change
from sandbox.deployment_report.deployed import Deployed
from sandbox.deployment_report.issues import OPEN, Issue
from sandbox.metrics.observed import Observed, never_emitted
from sandbox.report.metrics import lines

COLUMNS = ("p50", "p95", "p99", "max", "count")


@dataclass(frozen=True, kw_only=True)
class Table:
    """Heads and rows of plain text. With a `summary` it is folded away behind that line."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    summary: str = ""


@dataclass(frozen=True, kw_only=True)
class Section:
    """A heading, what is said under it, and its tables. `good` is None where there is nothing to judge."""

    title: str
    said: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    good: bool | None = None


@dataclass(frozen=True, kw_only=True)
class Findings:
    """Everything that a report is made of; what has not been done is None."""

    deployed: Deployed
    at_ms: int
    smoke: Mapping[str, Any] | None
    proofs: Mapping[str, Any] | None
    run_id: str
    observed: Sequence[Observed]
    latencies: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    issues: Sequence[Issue]
    changes: Sequence[Change] | None


def sections(found: Findings) -> list[Section]:
    """The report, in the order of the record."""
    return [
        _summary(found),
        _deployed(found.deployed),
        _smoke(found.smoke),
        _metrics(found),
        _alarms(found.proofs),
        _issues(found.issues, found.run_id),
        _changes(found.changes),
    ]


def moment(at_ms: int) -> str:
    """`2026-11-25 20:41:16 UTC`."""
    return time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(at_ms / 1000))


def _summary(found: Findings) -> Section:
    open_issues = sum(issue.state == OPEN for issue in found.issues)
    stacks = found.deployed.stacks
    whole = all(stack.status in ("CREATE_COMPLETE", "UPDATE_COMPLETE") for stack in stacks)
    smoke, proofs = _smoke(found.smoke), _alarms(found.proofs)
    rows = (
        ("deployed", f"{len(stacks)} stacks, {sum(len(one.resources) for one in stacks)} resources",
         "complete" if whole else "NOT COMPLETE"),
        ("smoke tests", smoke.said[0], _verdict(smoke.good)),
        ("metrics", f"{sum(bool(one.samples) for one in found.observed)} observed in run {found.run_id}", ""),
        ("alarms", proofs.said[0], _verdict(proofs.good)),
        ("issues", f"{len(found.issues)} met", f"{open_issues} open" if open_issues else "none open"),
    )  # fmt: skip
    said = (
        f"Environment {found.deployed.environment}, {moment(found.at_ms)}, at {found.deployed.endpoint}. "
        f"Fingerprint of templates and code: {found.deployed.fingerprint}.",
    )
    table = Table(heads=("part", "found", "verdict"), rows=rows)
    good = whole and smoke.good is not False and proofs.good is not False and not open_issues
    return Section(title="Summary", said=said, tables=(table,), good=good)


def _deployed(deployed: Deployed) -> Section:
    tables = []
    for stack in deployed.stacks:
        tables.append(
            Table(
                summary=f"{stack.name}: {stack.status}, template {stack.template_sha256}, "
                f"{len(stack.resources)} resources",
                heads=("resource", "type", "physical id"),
                rows=tuple((one.logical_id, one.type, one.physical_id) for one in stack.resources),
            )
        )
    outputs = tuple((stack.name, name, value) for stack in deployed.stacks for name, value in stack.outputs.items())
    tables.append(Table(heads=("stack", "output", "value"), rows=outputs))
    code = tuple(
        (name.split(".")[1], value) for name, value in deployed.configuration.items() if name.endswith(".codeSha256")
    )
    tables.append(Table(heads=("function", "code SHA-256"), rows=code))
    return Section(title="What was deployed", tables=tuple(tables))


def _smoke(smoke: Mapping[str, Any] | None) -> Section:
    title = "Smoke tests"
    if smoke is None:
        return Section(title=title, said=("not run: run 'sandbox smoke'",))
    steps = smoke["steps"]
    passed = sum(bool(step["passed"]) for step in steps)
    rows = tuple(
        (
            step["name"],
            {True: "pass", False: "FAIL", None: "not tried"}[step["passed"]],
            "" if step["tookMs"] is None else f"{step['tookMs']} ms",
            step["reason"],
        )
        for step in steps
    )
    return Section(
        title=title,
        said=(f"{passed} of {len(steps)} passed against {smoke['target']}, {moment(smoke['atMs'])}",),
        tables=(Table(heads=("test", "verdict", "time", "reason"), rows=rows),),
        good=bool(smoke["passed"]),
    )


def _metrics(found: Findings) -> Section:
    missing = [f"{one.name} ({next(iter(one.dimensions.values()), '')})" for one in never_emitted(found.observed)]
    said = [f"Never emitted in this run: {', '.join(missing)}."] if missing else []
    tables = [Table(heads=("metric", "of", "figures"), rows=tuple(lines(found.observed)))]
    if found.latencies:
        rows = tuple(
            (name, *("" if figures[key] is None else str(figures[key]) for key in COLUMNS))
            for name, figures in found.latencies.items()
        )
        tables.append(Table(heads=("latency, ms", *COLUMNS), rows=rows))
    return Section(title="Metrics and performance observed", said=tuple(said), tables=tuple(tables))


def _alarms(proofs: Mapping[str, Any] | None) -> Section:
    title = "Alarms proven"
    if proofs is None:
        return Section(title=title, said=("not verified: run 'sandbox alarms verify'",))
    alarms = proofs["alarms"]
    proven = sum(one["proven"] for one in alarms)
    rows = tuple(
        (
            one["alarm"],
            "proven" if one["proven"] else "FAILED",
            one["cause"],
            one["missing"] or f"{one['reason']} Messages {', '.join(one['messageIds'])}.",
        )
        for one in alarms
    )
    return Section(
        title=title,
        said=(
            f"{proven} of {len(alarms)} raised by a real failure, ended, and told to whoever is on call, "
            f"{moment(proofs['atMs'])}",
        ),
        tables=(Table(heads=("alarm", "verdict", "cause", "evidence"), rows=rows),),
        good=proven == len(alarms),
    )


def _issues(issues: Sequence[Issue], run_id: str) -> Section:
    if not issues:
        return Section(title="Issues met", said=(f"None in run {run_id}.",), good=True)
    rows = tuple(
        (issue.what, str(issue.times), f"{issue.first_ms / 1000:.1f} s", issue.state, issue.resolution)
        for issue in issues
    )
    table = Table(heads=("issue", "times", "first at", "state", "resolution"), rows=rows)
    return Section(
        title="Issues met", said=(f"In run {run_id}.",), tables=(table,), good=all(one.state != OPEN for one in issues)
    )


def _changes(changes: Sequence[Change] | None) -> Section:
    title = "Configuration changed since the last report"
    if changes is None:
        return Section(title=title, said=("This is the first report.",))
    if not changes:
        return Section(title=title, said=("Nothing.",))
    rows = tuple(
        (one.name, "absent" if one.before is None else one.before, "absent" if one.after is None else one.after)
        for one in changes
    )
    return Section(title=title, tables=(Table(heads=("name", "before", "now"), rows=rows),))


def _verdict(good: bool | None) -> str:
    return {True: "good", False: "NOT GOOD", None: ""}[good]
