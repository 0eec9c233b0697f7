"""The table of fidelity: its rows in docs/fidelity/*.toml, and docs/fidelity.md made of them."""

import ast
import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SECTIONS = ROOT / "docs" / "fidelity"
DOCUMENT = ROOT / "docs" / "fidelity.md"
STATES = ("same", "differs", "not emulated")

PREFACE = """\
# Fidelity: what AWS does, and what the sandbox does

One row for each observed behaviour of AWS that a local emulator could get wrong. `same`: what a client or a handler
can observe is what AWS gives. `differs`: it is not, and how. `not emulated`: it is not there, and why. Each test of a
row carries the row's id. A `(?)` stands where no source confirms that detail of AWS.

Rendered from `docs/fidelity/*.toml` by `python3 dev.py fidelity`; a test holds the two together.
"""


@dataclass(frozen=True, kw_only=True)
class Row:
    """One behaviour: `aws` and `here` are Markdown, `tests` are `path::function`."""

    id: str
    title: str
    aws: str
    sources: tuple[str, ...]
    state: str
    here: str
    tests: tuple[str, ...]

    def faults(self) -> Iterator[str]:
        """What is wrong with the row itself, one line each."""
        if self.state not in STATES:
            yield f"{self.id}: state is {self.state!r}, expected one of {', '.join(STATES)}"
        if not self.sources:
            yield f"{self.id}: no source; where none was found, say so"
        if self.state in ("same", "differs") and not self.tests:
            yield f"{self.id}: {self.state}, but no test shows it"
        if self.state in ("differs", "not emulated") and not self.here:
            yield f"{self.id}: {self.state}, but `here` does not say {'how' if self.state == 'differs' else 'why'}"
        for test in self.tests:
            if fault := _fault_of_test(self.id, test):
                yield fault


@dataclass(frozen=True, kw_only=True)
class Section:
    """One file of docs/fidelity: `rows` ids, from `PREFIX-01` on, none missing and none twice."""

    path: Path
    title: str
    prefix: str
    announced: int
    rows: tuple[Row, ...]

    def faults(self) -> Iterator[str]:
        expected = [f"{self.prefix}-{number:02}" for number in range(1, self.announced + 1)]
        found = [row.id for row in self.rows]
        if found != expected:
            yield f"{self.path.name}: expected {expected[0]} to {expected[-1]} in order, found {', '.join(found)}"
        for row in self.rows:
            yield from row.faults()


def sections() -> list[Section]:
    """Every section, in the order of the numbers that its file's name starts with."""
    return [_section(path) for path in sorted(SECTIONS.glob("*.toml"), key=lambda path: int(path.name.split("-")[0]))]


def rendered(of: list[Section]) -> str:
    """docs/fidelity.md; each section has its own counts, so that two people's edits to two sections merge."""
    return "\n".join([PREFACE, *(_rendered_section(section) for section in of)])


def ids_in(text: str, known: set[str]) -> set[str]:
    """The ids of rows that a text mentions, and those that look like one (a known prefix) and are none."""
    prefixes = "|".join(sorted({row.split("-")[0] for row in known}))
    return set(re.findall(rf"\b(?:{prefixes})-\d{{2}}\b", text))


def _section(path: Path) -> Section:
    held = tomllib.loads(path.read_text(encoding="utf-8"))
    title, prefix, announced = held.pop("title"), held.pop("prefix"), held.pop("rows")
    rows = tuple(
        Row(
            id=key,
            title=fields["title"],
            aws=fields["aws"],
            sources=tuple(fields["sources"]),
            state=fields["state"],
            here=fields["here"],
            tests=tuple(fields["tests"]),
        )
        for key, fields in held.items()
    )
    return Section(path=path, title=title, prefix=prefix, announced=announced, rows=rows)


def _rendered_section(section: Section) -> str:
    counts = Counter(row.state for row in section.rows)
    summary = " · ".join(f"{counts[state]} {state}" for state in STATES if counts[state])
    head = f"## {section.title}\n\n{summary}\n\n| id | AWS | here | shown by |\n| --- | --- | --- | --- |\n"
    return head + "".join(_rendered_row(row) for row in section.rows)


def _rendered_row(row: Row) -> str:
    sources = ", ".join(_link(source) for source in row.sources)
    here = f"**{row.state}**" + (f": {row.here}" if row.here else "")
    tests = "<br>".join(f"[{test.split('::')[1]}](../{test.split('::')[0]})" for test in row.tests)
    cells = [row.id, f"**{row.title}.** {row.aws} ({sources})", here, tests]
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |\n"


def _link(source: str) -> str:
    if not source.startswith("https://"):
        return source
    parts = source.removeprefix("https://").rstrip("/").split("/")
    if parts[0] == "github.com" and len(parts) == 5:
        return f"[{parts[1]}/{parts[2]}#{parts[4]}]({source})"
    return f"[{parts[-1].removesuffix('.html')}]({source})"


def _fault_of_test(row: str, test: str) -> str:
    path, _, function = test.partition("::")
    file = ROOT / path
    if not file.is_file():
        return f"{row}: {test}: no such file"
    if file.suffix != ".py":
        return "" if function in file.read_text(encoding="utf-8") else f"{row}: {test}: no such test in the file"
    source = file.read_text(encoding="utf-8")
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == function:
            first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
            body = "\n".join(source.splitlines()[first - 1 : node.end_lineno])
            return "" if row in body else f"{row}: {test}: its docstring, name or cases do not carry the id"
    return f"{row}: {test}: no such function in the file"
