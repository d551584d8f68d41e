"""The schemas of process folders are schemas, and whatever breaks one is told in a sentence with a remedy."""

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import schemas
from engine.errors import Invalid

NAMES = ("process", "sla", "scenario")
KEYS = st.sampled_from(
    ["key", "start", "by", "roles", "title", "zh", "clock", "calendars", "ladder", "steps", "when", "x"]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.decimals(allow_nan=False) | st.text(max_size=5) | st.just("role"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=12,
)


@pytest.mark.parametrize("name", NAMES)
def test_the_schemas_are_schemas(name):
    jsonschema.Draft202012Validator.check_schema(schemas.schema(name))


@pytest.mark.parametrize("name", NAMES)
@given(value=VALUES)
def test_whatever_a_file_holds_is_judged_with_a_sentence_and_a_remedy(name, value):
    found = schemas.problems(name, value, "file")

    assert bool(found) is not jsonschema.Draft202012Validator(schemas.schema(name)).is_valid(value)
    assert all(each.where.startswith("file") and each.message and each.remedy and each.rule for each in found)


@given(content=st.binary(max_size=60) | st.text(max_size=60).map(str.encode))
def test_whatever_bytes_a_toml_file_has_they_are_read_or_refused(content):
    try:
        schemas.toml(content, "file")
    except Invalid as refusal:
        assert [each.rule for each in refusal.problems] == [schemas.SYNTAX]


def test_places_count_from_one_as_people_do():
    assert schemas.place("sla.toml", "clock", 0, "target", "P0") == "sla.toml clock[1].target.P0"
    assert schemas.place("sla.toml") == "sla.toml"
