"""docs/fidelity.md is what its rows say, and its rows name tests that exist and say which behaviour they show."""

import dataclasses

from tests.fidelity.table import DOCUMENT, ROOT, Row, ids_in, rendered, sections

BEHAVIOURS = 159
TRANSCRIBE = 42


def test_every_behaviour_has_one_row():
    """The ids of each section run from 01 to their number, and there are as many as were observed."""
    assert {section.prefix: len(section.rows) for section in sections()} == {
        "WS": 58, "L": 33, "E": 7, "C": 12, "N": 7, "D": 12, "Q": 9, "P": 5, "K": 4, "F": 12, "T": TRANSCRIBE,
    }  # fmt: skip
    assert sum(len(section.rows) for section in sections()) == BEHAVIOURS + TRANSCRIBE


def test_every_row_is_whole():
    """Its state is known, what is claimed is shown by a test that carries its id, and a difference is said."""
    assert [fault for section in sections() for fault in section.faults()] == []


def test_the_document_is_rendered_from_the_rows():
    """`python3 dev.py fidelity` writes it."""
    assert DOCUMENT.read_text(encoding="utf-8") == rendered(sections())


def test_no_test_names_a_behaviour_that_is_not_in_the_table():
    """A slip in an id would claim a row that is not there."""
    known = {row.id for section in sections() for row in section.rows}
    named = {
        str(path.relative_to(ROOT)): ids_in(path.read_text(encoding="utf-8"), known) - known
        for path in (ROOT / "tests").rglob("test_*.py")
        if path.parent.name != "fidelity"
    }
    assert {path: unknown for path, unknown in named.items() if unknown} == {}


ROW = Row(id="WS-01", title="t", aws="a", sources=("s",), state="same", here="", tests=())


def test_a_claim_without_a_test_is_a_fault():
    """`same` and `differs` are claims."""
    assert list(ROW.faults()) == ["WS-01: same, but no test shows it"]


def test_a_test_that_is_not_there_or_does_not_carry_the_id_is_a_fault():
    """A renamed test is renamed in its row; one that shows another behaviour does not count."""
    here = "tests/fidelity/test_fidelity.py"
    wrong = (f"{here}::test_gone", "tests/gone.py::test_x", f"{here}::test_every_row_is_whole")
    assert list(dataclasses.replace(ROW, tests=wrong).faults()) == [
        f"WS-01: {wrong[0]}: no such function in the file",
        f"WS-01: {wrong[1]}: no such file",
        f"WS-01: {wrong[2]}: its docstring, name or cases do not carry the id",
    ]


def test_a_difference_says_how_and_what_is_not_emulated_says_why():
    """A state alone tells a reader nothing."""
    row = dataclasses.replace(ROW, state="not emulated")
    assert list(row.faults()) == ["WS-01: not emulated, but `here` does not say why"]
    assert list(dataclasses.replace(row, here="no second Region on one machine").faults()) == []
