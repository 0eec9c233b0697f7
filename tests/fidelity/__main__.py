"""`python3 dev.py fidelity`: write docs/fidelity.md from docs/fidelity/*.toml and say what is wrong with the rows."""

import sys

from tests.fidelity.table import DOCUMENT, rendered, sections

held = sections()
DOCUMENT.write_text(rendered(held), encoding="utf-8")
unchecked = [row.id for section in held for row in section.rows if row.state == "unchecked"]
print(f"{DOCUMENT.name}: {sum(len(section.rows) for section in held)} rows, {len(unchecked)} unchecked")
faults = [fault for section in held for fault in section.faults()]
print("\n".join(faults))
sys.exit(1 if faults else 0)
