"""`python3 dev.py fidelity`: write docs/fidelity.md from docs/fidelity/*.toml and say what is wrong with the rows."""

import sys
from collections import Counter

from tests.fidelity.table import DOCUMENT, rendered, sections

held = sections()
DOCUMENT.write_text(rendered(held), encoding="utf-8")
states = Counter(row.state for section in held for row in section.rows)
print(f"{DOCUMENT.name}: {states.total()} rows: {', '.join(f'{count} {state}' for state, count in states.items())}")
faults = [fault for section in held for fault in section.faults()]
print("\n".join(faults))
sys.exit(1 if faults else 0)
