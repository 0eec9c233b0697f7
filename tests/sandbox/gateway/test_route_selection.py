"""Which route takes a message: compared exactly, read forgivingly."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.gateway import permissive_json
from sandbox.gateway.route_selection import route_key

ROUTES = {"say", "7", "[a, b]", "true", "$default", "$connect"}


@pytest.mark.parametrize(
    ("body", "key"),
    [
        ('{"action":"say"}', "say"), ('{"action":"Say"}', "$default"), ('{"action":7}', "7"), ("not json", "$default"),
        ("[1]", "$default"), ("{}", "$default"), ('{"action":"$connect"}', "$default"), ("", "$default"),
        ('{"action":["a","b"]}', "[a, b]"), ('{"action":true}', "true"), ('{"action":null}', "$default"),
        ('{"action":" say"}', "$default"), ('"say"', "$default"),
    ],
)  # fmt: skip
def test_a_route_is_selected_by_exact_comparison(body, key):
    """WS-15, WS-16."""
    assert route_key("$request.body.action", body, ROUTES) == key


def test_an_expression_may_join_variables_and_text():
    """WS-15: a missing path is empty."""
    expression = "${request.body.a}/${request.body.b.c}"
    assert route_key(expression, '{"a":"x","b":{"c":1}}', {"x/1"}) == "x/1"
    assert route_key(expression, '{"a":"x"}', {"x/1"}) is None
    assert route_key(expression, '{"a":"x"}', {"x/"}) == "x/"
    assert route_key("say", "{}", {"say"}) == "say"


def test_a_path_may_lead_into_a_list():
    """WS-15; past its end there is nothing."""
    assert route_key("$request.body.a[1].b", '{"a":[1,{"b":"x"}]}', {"x"}) == "x"
    assert route_key("$request.body.a[2].b", '{"a":[1,{"b":"x"}]}', {"x", "$default"}) == "$default"


@pytest.mark.parametrize(
    "body",
    [
        '{"action":"say", body:"hello"}', '{action:say}', "{'action':'say'}", '{"action":"say",}',
        '{"action":"say"} and more', '{ "b" : [1,, {c: d}] , action : say }', '{"b":"a\nb","action":"s\\u0061y"}',
    ],
)  # fmt: skip
def test_what_is_nearly_json_is_routed_too(body):
    """WS-17: the first is the recording; the rest follows from the parser that it fits."""
    assert route_key("$request.body.action", body, ROUTES) == "say"


@pytest.mark.parametrize(
    "body",
    [
        '{"action":"say"', '{"action" "say"}', '{"action":}', "{action", '{"action":"say]',
        pytest.param("[" * 9000, id="lists without end"), pytest.param("{a:" * 9000, id="objects without end"),
    ],
)  # fmt: skip
def test_what_is_not_even_that_goes_to_default(body):
    """WS-16: no message is an error of the gateway's own, however it is made."""
    assert route_key("$request.body.action", body, ROUTES) == "$default"


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(VALUES)
def test_json_is_read_as_json(value):
    """Forgiveness begins where JSON ends."""
    assert permissive_json.loads(json.dumps(value)) == value


@given(st.text(alphabet="{}[]:,'\"\\ \n\tau01.é", max_size=40))
def test_any_text_is_a_value_or_a_value_error(text):
    """Nothing else is raised, and it ends."""
    try:
        permissive_json.loads(text)
    except ValueError:
        return
