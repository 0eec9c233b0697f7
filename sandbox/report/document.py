"""The frame of every page: one file that opens offline, readable in light and dark. Pure."""

import html
from collections.abc import Iterable

STYLE = """
:root { color-scheme: light dark; --ink: #1d2328; --paper: #fff; --faint: #67727b; --line: #dfe4e8; --panel: #f5f7f9;
  --mark: #1f5fa8; --good: #1e7b4f; --bad: #b3261e; }
@media (prefers-color-scheme: dark) { :root { --ink: #e4e8eb; --paper: #15191c; --faint: #98a3ab; --line: #2d353b;
  --panel: #1d2327; --mark: #6fa8e6; --good: #5fc294; --bad: #f2857c; } }
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; padding: 0 1rem; color: var(--ink);
  background: var(--paper); }
h1 { font-size: 1.6rem; } h2 { font-size: 1.15rem; margin-top: 2.2rem; } code { font-size: .9em; }
table { border-collapse: collapse; margin: .6rem 0; font-variant-numeric: tabular-nums; }
td.text { max-width: 28rem; overflow-wrap: break-word; } details { margin: .3rem 0; } summary { cursor: pointer; }
td, th { padding: .25rem .8rem; text-align: right; border-bottom: 1px solid var(--line); vertical-align: top; }
th { font-weight: 600; color: var(--faint); }
td:first-child, th:first-child, td.text, th.text { text-align: left; }
.scroll { overflow-x: auto; } .framed { border: 1px solid var(--line); }
.faint { color: var(--faint); } .good { color: var(--good); } .bad { color: var(--bad); font-weight: 600; }
svg { fill: currentColor; } svg text { font: 11px system-ui, sans-serif; }
pre { background: var(--panel); padding: .6rem; overflow-x: auto; }
.plots { display: grid; grid-template-columns: repeat(auto-fill, minmax(20rem, 1fr)); gap: .8rem; }
.plot { background: var(--panel); border-radius: .4rem; padding: .6rem .8rem; }
.plot b { font-size: .9rem; } .plot p { margin: 0; font-size: .8rem; color: var(--faint); }
.plot svg { display: block; width: 100%; margin-top: .3rem; }
"""


def document(title: str, body: str) -> str:
    """The whole page around a body's markup."""
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><title>{html.escape(title)}</title>'
        f"<style>{STYLE}</style></head><body>\n{body}\n</body></html>\n"
    )


def table(heads: Iterable[str], rows: Iterable[Iterable[str]], *, text: frozenset[int] = frozenset()) -> str:
    """A table of markup cells; columns whose number is in `text` read from the left, as the first does."""

    def cells(tag: str, values: Iterable[str]) -> str:
        return "".join(
            f'<{tag} class="text">{value}</{tag}>' if place in text else f"<{tag}>{value}</{tag}>"
            for place, value in enumerate(values)
        )

    lines = "".join(f"<tr>{cells('td', row)}</tr>" for row in rows)
    return f'<div class="scroll"><table><tr>{cells("th", heads)}</tr>{lines}</table></div>'
