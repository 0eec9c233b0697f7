"""The simulator's tables answer as the backend of the live world does: the same operations on both, side by side."""

from typing import Any

import pytest
from botocore.exceptions import ClientError
from botocore.session import get_session
from moto import mock_aws

from sandbox.items.errors import ItemError
from sandbox.items.store import TableSchema
from sandbox.items.tables import in_memory

SCHEMA = TableSchema(name="t", key=("id",), indexes={"by-session": ("session", "language")})
TEXT, NUMBER = {"S": "a"}, {"N": "7"}


def put(key: str, **values: object) -> tuple[str, dict]:
    return "PutItem", {"TableName": "t", "Item": {"id": {"S": key}, **values}}


def update(
    change: str, condition: str | None = None, returns: str = "ALL_NEW", key: str = "x", **values: object
) -> tuple[str, dict]:
    request: dict = {"TableName": "t", "Key": {"id": {"S": key}}, "UpdateExpression": change, "ReturnValues": returns}
    if condition is not None:
        request["ConditionExpression"] = condition
    names = {name: name[1:] for name in ("#status", "#map") if name in change + (condition or "")}
    if names:
        request["ExpressionAttributeNames"] = names
    if values:
        request["ExpressionAttributeValues"] = {f":{name}": value for name, value in values.items()}
    return "UpdateItem", request


ITEM = put("x", n={"N": "5"}, status=TEXT, map={"M": {"a": {"N": "1"}, "l": {"L": [TEXT, NUMBER]}}})
CASES = {
    "an update makes an item": [update("SET n = :n", n=NUMBER)],
    "a counter": [ITEM, update("SET n = n + :n", "n < :limit", n=NUMBER, limit={"N": "6"})],
    "a counter at its limit": [ITEM, update("SET n = n + :n", "n < :limit", n=NUMBER, limit={"N": "5"})],
    "a counter that is not there": [put("x"), update("SET n = n + :n", n=NUMBER)],
    "numbers compare as numbers": [ITEM, update("SET m = :m", "n < :limit", m=TEXT, limit={"N": "10"})],
    "a missing attribute compares with nothing": [ITEM, update("SET m = :m", "k < :m", m=NUMBER)],
    "a missing attribute differs from everything": [ITEM, update("SET m = :m", "k <> :m", m=NUMBER)],
    "another type compares with nothing": [ITEM, update("SET m = :m", "n = :m", m=TEXT)],
    "exists": [ITEM, update("SET m = :m", "attribute_exists(n) AND attribute_not_exists(k)", m=TEXT)],
    "not": [ITEM, update("SET m = :m", "NOT (attribute_exists(n) OR #status = :m)", m=TEXT)],
    "between and in": [ITEM, update("SET m = :n", "n BETWEEN :low AND :n AND #status IN (:low, :a)",
                                    n=NUMBER, low={"N": "1"}, a=TEXT)],
    "functions": [ITEM, update("SET m = :a", "begins_with(#status, :a) AND contains(#map.l, :a) AND size(#map.l) > :n",
                               a=TEXT, n={"N": "1"})],
    "if_not_exists": [ITEM, update("SET n = if_not_exists(n, :n), k = if_not_exists(k, :n)", n=NUMBER)],
    "list_append": [ITEM, update("SET #map.l = list_append(#map.l, :l)", l={"L": [TEXT]})],
    "a nested path": [ITEM, update("SET #map.b = :a REMOVE #map.a, #map.l[0]", a=TEXT)],
    "a path through nothing": [ITEM, update("SET k.a = :a", a=TEXT)],
    "add": [ITEM, update("ADD n :n, k :n, s :s", n=NUMBER, s={"SS": ["p", "q"]}), update("ADD s :s", s={"SS": ["r"]})],
    "old values": [ITEM, update("SET n = :n", returns="ALL_OLD", n=NUMBER)],
    "updated values": [ITEM, update("SET n = :n", returns="UPDATED_NEW", n=NUMBER)],
    "no values": [ITEM, update("SET n = :n", returns="NONE", n=NUMBER)],
    "an undefined value": [ITEM, update("SET n = :m", n=NUMBER)],
    "get": [ITEM, ("GetItem", {"TableName": "t", "Key": {"id": {"S": "x"}}})],
    "get nothing": [("GetItem", {"TableName": "t", "Key": {"id": {"S": "x"}}})],
    "get from no table": [("GetItem", {"TableName": "u", "Key": {"id": {"S": "x"}}})],
    "delete": [ITEM, ("DeleteItem", {"TableName": "t", "Key": {"id": {"S": "x"}}, "ReturnValues": "ALL_OLD"})],
    "delete on a condition": [
        ITEM,
        ("DeleteItem", {"TableName": "t", "Key": {"id": {"S": "x"}}, "ConditionExpression": "attribute_exists(k)"}),
    ],
    "put on a condition": [
        ITEM,
        ("PutItem", {"TableName": "t", "Item": {"id": {"S": "x"}}, "ConditionExpression": "attribute_not_exists(id)"}),
    ],
    "query an index": [
        put("x", session=TEXT, language={"S": "fr"}),
        put("y", session=TEXT, language={"S": "es"}),
        put("z", session=TEXT),
        put("o", session={"S": "another"}, language={"S": "es"}),
        put("n", session=NUMBER, language={"S": "es"}),
        ("Query", {"TableName": "t", "IndexName": "by-session", "KeyConditionExpression": "#s = :s",
                   "ExpressionAttributeNames": {"#s": "session"}, "ExpressionAttributeValues": {":s": TEXT}}),
    ],
    "scan with a filter": [
        ITEM, put("y", n=NUMBER),
        ("Scan", {"TableName": "t", "FilterExpression": "n > :n", "ExpressionAttributeValues": {":n": {"N": "5"}}}),
    ],
    "a transaction": [
        ITEM,
        ("TransactWriteItems", {"TransactItems": [
            {"Update": {"TableName": "t", "Key": {"id": {"S": "x"}}, "UpdateExpression": "SET n = n + :n",
                        "ExpressionAttributeValues": {":n": NUMBER}}},
            {"Put": {"TableName": "t", "Item": {"id": {"S": "y"}}, "ConditionExpression": "attribute_not_exists(id)"}},
        ]}),
        ("Scan", {"TableName": "t"}),
    ],
    "a transaction that does not hold changes nothing": [
        ITEM,
        ("TransactWriteItems", {"TransactItems": [
            {"Delete": {"TableName": "t", "Key": {"id": {"S": "x"}}}},
            {"Put": {"TableName": "t", "Item": {"id": {"S": "y"}}, "ConditionExpression": "attribute_exists(id)"}},
        ]}),
        ("Scan", {"TableName": "t"}),
    ],
}  # fmt: skip


def method(operation: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in operation).lstrip("_")


def by_core(operations: list[tuple[str, dict]]) -> list:
    tables = in_memory([SCHEMA])
    seen: list = []
    for operation, request in operations:
        try:
            seen.append(tables.call(operation, request))
        except ItemError as error:
            reasons = [one["Code"] for one in error.facts.get("CancellationReasons", ())]
            seen.append((error.code, reasons))
    return seen


def moto_client() -> Any:
    """A client of moto with the table, within `mock_aws`."""
    session = get_session()
    session.set_credentials("test", "test")
    client = session.create_client("dynamodb", region_name="us-east-1")
    names = ("id", "session", "language")
    client.create_table(
        TableName="t", BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in names],
        GlobalSecondaryIndexes=[{
            "IndexName": "by-session", "Projection": {"ProjectionType": "ALL"},
            "KeySchema": [{"AttributeName": "session", "KeyType": "HASH"},
                          {"AttributeName": "language", "KeyType": "RANGE"}],
        }],
    )  # fmt: skip
    return client


def by_client(client: Any, operation: str, request: dict) -> Any:
    """What moto answers, or the code and the reasons of its refusal."""
    try:
        answer = getattr(client, method(operation))(**request)
    except ClientError as error:
        reasons = [one["Code"] for one in error.response.get("CancellationReasons", ())]
        return error.response["Error"]["Code"], reasons
    answer.pop("ResponseMetadata")
    # moto tells these unasked (AWS: only with ReturnConsumedCapacity and ReturnItemCollectionMetrics).
    for unasked in ("ConsumedCapacity", "ItemCollectionMetrics"):
        answer.pop(unasked, None)
    return answer


def by_moto(operations: list[tuple[str, dict]]) -> list:
    with mock_aws():
        client = moto_client()
        return [by_client(client, operation, request) for operation, request in operations]


@pytest.mark.parametrize("name", CASES)
def test_answers_alike(name, monkeypatch):
    """Items, counts, codes and reasons are the backend's."""
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    assert by_core(CASES[name]) == by_moto(CASES[name])


def test_a_placeholder_that_nothing_uses_is_refused():
    """As DynamoDB words it; moto forgives some of these."""
    tables = in_memory([SCHEMA])
    with pytest.raises(ItemError, match=r"unused in expressions: keys: \{:k\}"):
        tables.call(*update("SET n = :n", n=NUMBER, k=TEXT))


def test_an_expression_that_cannot_be_read_is_refused():
    """With the token at which reading ended."""
    with pytest.raises(ItemError, match='Syntax error; token: "="'):
        in_memory([SCHEMA]).call(*update("SET = :n", n=NUMBER))


def test_two_attributes_that_are_not_there_differ():
    """As on DynamoDB, where moto takes them as equal."""
    (_, changed) = by_core([ITEM, update("SET m = :m", "k <> j", m=NUMBER)])
    assert changed["Attributes"]["m"] == NUMBER
