"""Policy documents are read whole, or refused with what was expected."""

import pytest

from sandbox.definitions.model import Condition
from sandbox.permissions.documents import statements
from sandbox.permissions.errors import PolicyError


def test_one_text_is_a_list_of_one():
    """Statement, Action, Resource, Principal and condition values may stand alone."""
    (found,) = statements(
        '{"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "sqs:*", "Resource": "*", "Principal": '
        '{"AWS": "*"}, "Condition": {"Bool": {"aws:SecureTransport": false}}}}'
    )
    assert (found.allows, found.actions, found.resources, found.principals) == (False, ("sqs:*",), ("*",), ("AWS:*",))
    assert found.conditions == (Condition(operator="Bool", key="aws:SecureTransport", values=("false",)),)


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ("not json", "JSON"),
        ("[]", "an object"),
        ({"Statement": [{"Effect": "allow", "Action": "*", "Resource": "*"}]}, "Effect Allow or Deny"),
        ({"Statement": [{"Effect": "Allow", "Resource": "*"}]}, "either Action or NotAction"),
        ({"Statement": [{"Effect": "Allow", "Action": 7, "Resource": "*"}]}, "a list of texts"),
        ({"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": "x"}]}, "operators with keys"),
    ],
)
def test_what_is_no_policy_is_refused(document, expected):
    """The text says what was expected and what came."""
    with pytest.raises(PolicyError, match=expected):
        statements(document)
