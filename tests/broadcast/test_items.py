"""Items are written and read as boto3's own types do it."""

from decimal import Decimal

import pytest
from boto3.dynamodb.types import TypeSerializer
from broadcast.items import from_item, to_item
from hypothesis import given
from hypothesis import strategies as st

WHOLE = st.integers(-(10**37), 10**37)
FLOATS = st.decimals(-(10**6), 10**6, places=3).map(float)
VALUES = st.recursive(
    st.text() | WHOLE | FLOATS | st.booleans(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(min_size=1), inner, max_size=3),
    max_leaves=8,
)
ITEMS = st.dictionaries(st.text(min_size=1), VALUES, max_size=4)


def _decimals(value):
    if isinstance(value, float):
        return Decimal(str(value))
    if isinstance(value, dict):
        return {name: _decimals(one) for name, one in value.items()}
    return [_decimals(one) for one in value] if isinstance(value, list) else value


@given(ITEMS)
def test_an_item_is_written_as_boto3_writes_it_and_read_as_it_was(values):
    item = to_item(values)
    assert item == {name: TypeSerializer().serialize(_decimals(value)) for name, value in values.items()}
    assert from_item(item) == values


def test_what_is_none_is_left_out_of_items_and_of_their_maps():
    assert to_item({"a": None, "b": {"c": None, "d": 1}}) == {"b": {"M": {"d": {"N": "1"}}}}


@pytest.mark.parametrize(("text", "number"), [("7", 7), ("-7", -7), ("7.0", 7), ("1E+2", 100), ("0.5", 0.5)])
def test_whole_numbers_are_integers_however_they_are_written(text, number):
    read = from_item({"n": {"N": text}})["n"]
    assert (read, type(read)) == (number, type(number))


def test_what_the_product_does_not_store_is_boto3s_to_convert():
    item = {"names": {"SS": ["a", "b"]}, "nothing": {"NULL": True}}
    assert from_item(item) == {"names": {"a", "b"}, "nothing": None}
    assert to_item({"names": {"a"}}) == {"names": {"SS": ["a"]}}
