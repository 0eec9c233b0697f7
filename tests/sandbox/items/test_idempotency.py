"""A transaction's token holds for ten minutes, for that transaction alone."""

import pytest

from sandbox.items.errors import TokenMismatchError
from sandbox.items.idempotency import REMEMBERED_MS, Idempotency

ONE = {"ClientRequestToken": "t", "TransactItems": [{"Put": {"TableName": "a", "Item": {"k": {"S": "1"}}}}]}
OTHER = {"ClientRequestToken": "t", "TransactItems": [{"Put": {"TableName": "a", "Item": {"k": {"S": "2"}}}}]}


def test_a_transaction_is_done_once():
    """D-06: whatever the order of its members."""
    kept = Idempotency()
    assert not kept.is_done(ONE, 0)
    kept.remember(ONE, 0)
    again = {"TransactItems": [{"Put": {"Item": {"k": {"S": "1"}}, "TableName": "a"}}], "ClientRequestToken": "t"}
    assert kept.is_done(again, 1)


def test_a_token_is_one_transactions():
    """D-06."""
    kept = Idempotency()
    kept.remember(ONE, 0)
    with pytest.raises(TokenMismatchError) as refused:
        kept.is_done(OTHER, 1)
    assert refused.value.code == "IdempotentParameterMismatchException"


def test_a_token_holds_for_ten_minutes():
    """D-06: to the millisecond, from when its transaction was completed."""
    kept = Idempotency()
    kept.remember(ONE, 5)
    assert kept.is_done(ONE, REMEMBERED_MS + 4)
    assert not kept.is_done(OTHER, REMEMBERED_MS + 5)


def test_a_transaction_without_a_token_is_not_remembered():
    """D-06."""
    kept, bare = Idempotency(), {"TransactItems": ONE["TransactItems"]}
    kept.remember(bare, 0)
    assert not kept.is_done(bare, 1)
