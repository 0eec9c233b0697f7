"""Stored translations are found by languages and normalised text, until they expire."""

import pytest
from botocore.exceptions import EndpointConnectionError
from broadcast import aws
from translation_processor import cache

EN_ES = {"source": "en", "target": "es"}


def test_what_was_stored_is_found(world):
    cache.store("Good day", "Buenos días", **EN_ES)
    assert cache.find("Good day", **EN_ES) == "Buenos días"


@pytest.mark.parametrize("same", ["Good  day ", "\tGood\nday", "Good\u00a0day"])
def test_white_space_does_not_matter(world, same):
    """Pieces of speech come with spaces around them."""
    cache.store("Good day", "Buenos días", **EN_ES)
    assert cache.find(same, **EN_ES) == "Buenos días"


def test_composed_and_decomposed_letters_are_one():
    assert cache.key("caf\u00e9", **EN_ES) == cache.key("cafe\u0301", **EN_ES)


@pytest.mark.parametrize(
    ("text", "languages"),
    [("good day", EN_ES), ("Good day.", EN_ES), ("Good day", {"source": "en", "target": "fr"}),
     ("Good day", {"source": "de", "target": "es"})],
)  # fmt: skip
def test_case_punctuation_and_languages_matter(world, text, languages):
    """They change a translation."""
    cache.store("Good day", "Buenos días", **EN_ES)
    assert cache.find(text, **languages) is None


@pytest.mark.parametrize(("waited_ms", "found"), [(24 * 3_600_000 - 1_000, True), (24 * 3_600_000, False)])
def test_an_expired_item_that_dynamodb_still_has_is_gone(world, tables, waited_ms, found):
    """D-01: DynamoDB deletes within days, and returns it until then."""
    cache.store("Good day", "Buenos días", **EN_ES)
    world.now_ms += waited_ms
    assert (cache.find("Good day", **EN_ES) is not None) is found
    assert tables.scan(TableName="TranslationCache-test")["Count"] == 1


class Unreachable:
    def __getattr__(self, _name: str) -> object:
        def fail(**_request: object) -> None:
            raise EndpointConnectionError(endpoint_url="https://dynamodb")

        return fail


def test_a_table_that_cannot_be_reached_is_an_empty_one(world, monkeypatch):
    """Neither reading nor writing raises."""
    monkeypatch.setattr(aws, "quick_client", lambda _: Unreachable())
    cache.store("Good day", "Buenos días", **EN_ES)
    assert cache.find("Good day", **EN_ES) is None
