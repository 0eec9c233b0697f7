"""The report's sections as Markdown and as a page. Pure."""

import html
from collections.abc import Sequence

from sandbox.deployment_report.model import Section, Table
from sandbox.report.document import document, table


def markdown(title: str, sections: Sequence[Section]) -> str:
    """GitHub's Markdown; a cell's own bars and line ends are escaped."""
    parts = [f"# {title}"]
    for section in sections:
        parts.append(f"## {section.title}")
        parts += section.said
        parts += [_markdown_table(one) for one in section.tables if one.rows]
    return "\n\n".join(parts) + "\n"


def page(title: str, sections: Sequence[Section], *, metrics: str) -> str:
    """One page that opens offline; `metrics` is the markup of the plots, put under the metrics' section."""
    parts = [f"<h1>{html.escape(title)}</h1>"]
    for section in sections:
        mark = {True: ' <span class="good">good</span>', False: ' <span class="bad">not good</span>', None: ""}
        if section.title.startswith("Metrics"):
            parts.append(metrics)
            parts += [_html_table(one) for one in section.tables[1:]]
            continue
        parts.append(f"<h2>{html.escape(section.title)}{mark[section.good]}</h2>")
        parts += [f"<p>{html.escape(text)}</p>" for text in section.said]
        parts += [_html_table(one) for one in section.tables if one.rows]
    return document(title, "\n".join(parts))


def _markdown_table(one: Table) -> str:
    def row(cells: Sequence[str]) -> str:
        return f"| {' | '.join(cell.replace('|', chr(92) + '|').replace(chr(10), ' ') for cell in cells)} |"

    made = "\n".join([row(one.heads), row(["---"] * len(one.heads)), *map(row, one.rows)])
    if not one.summary:
        return made
    return f"<details><summary>{html.escape(one.summary)}</summary>\n\n{made}\n\n</details>"


def _html_table(one: Table) -> str:
    rows = [[_cell(cell) for cell in line] for line in one.rows]
    heads = [html.escape(head) for head in one.heads]
    made = table(heads, rows, text=frozenset(range(len(heads))))
    return f"<details><summary>{html.escape(one.summary)}</summary>{made}</details>" if one.summary else made


def _cell(text: str) -> str:
    shown = html.escape(text)
    bad = ("FAIL", "FAILED", "NOT GOOD", "NOT COMPLETE", "open")
    good = ("pass", "proven", "good", "complete", "none open", "over")
    if text in bad:
        return f'<span class="bad">{shown}</span>'
    return f'<span class="good">{shown}</span>' if text in good else shown
