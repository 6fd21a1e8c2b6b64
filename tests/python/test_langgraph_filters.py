"""LangGraph's filters in SQL, beside the same questions asked in Python."""

from __future__ import annotations

import json
import math
import random
import sqlite3
from typing import Any

import pytest

pytest.importorskip("fovea._core", reason="built without FOVEA_BUILD_PYTHON")
pytest.importorskip("langgraph.store.sqlite", reason="pip install langgraph-checkpoint-sqlite")

from fovea.agents.langgraph import FoveaStore  # noqa: E402
from fovea.agents.langgraph.filters import Condition  # noqa: E402

pytestmark = pytest.mark.usefixtures("loaded")

LARGE = 1175123456789012345  # an id of 64 bits, as chat services give them
MISSING = object()
SCALARS = [None, True, False, 0, 1, -1, 2, 1.0, 0.5, -0.5, 1e300, LARGE, LARGE + 1, 2**53, 2**53 + 1, -2**63, 2**63 - 1,
           "", "a", "A", "b", "1", "true", "null", "it's", '"quoted"', "é", "a\nb", "*", "%"]
OPERATORS = ["$eq", "$ne", "$gt", "$gte", "$lt", "$lte"]


def is_number(value: Any) -> bool:
    return isinstance(value, (bool, int, float))


def holds(there: Any, operator: str, asked: Any) -> bool:
    """What a filter says of a value; a name that is missing is like null."""
    there = None if there is MISSING else there
    if operator in ("$eq", "$ne"):
        if isinstance(asked, bool):
            equal = there is asked
        elif is_number(asked):
            equal = is_number(there) and there == asked
        else:
            equal = type(there) is type(asked) and there == asked
        return equal is (operator == "$eq")
    if is_number(asked) != is_number(there) or not isinstance(there, (str, bool, int, float)) or asked is None:
        return False
    return {"$gt": there > asked, "$gte": there >= asked, "$lt": there < asked, "$lte": there <= asked}[operator]


def found(values: list[Any], wanted: dict[str, Any]) -> list[bool]:
    """Whether each of the items has what is wanted, by SQLite."""
    table = sqlite3.connect(":memory:")
    table.execute("CREATE TABLE store (at INTEGER, value TEXT)")
    table.executemany("INSERT INTO store VALUES (?, ?)", [
        (at, json.dumps({} if value is MISSING else {"x": value})) for at, value in enumerate(values)])
    condition = Condition()
    condition.matches(wanted)
    rows = {at for at, in table.execute(f"SELECT at FROM store s WHERE {condition.sql}", condition.values)}
    return [at in rows for at in range(len(values))]


@pytest.mark.parametrize("operator", OPERATORS)
def test_each_value_compares_with_each_as_in_python(operator):
    values = [*SCALARS, MISSING]
    for asked in SCALARS:
        shown = found(values, {"x": {operator: asked}})
        assert shown == [holds(there, operator, asked) for there in values], (operator, asked)


def test_a_value_alone_asks_for_an_equal_one():
    for asked in SCALARS:
        assert found(SCALARS, {"x": asked}) == found(SCALARS, {"x": {"$eq": asked}})


def test_several_operators_and_names_must_all_hold():
    rng = random.Random(7)
    numbers = [rng.randint(-50, 50) for _ in range(200)]
    for _ in range(40):
        least, most = rng.randint(-60, 60), rng.randint(-60, 60)
        assert found(numbers, {"x": {"$gte": least, "$lt": most}}) == [least <= n < most for n in numbers]


def test_a_number_that_is_none_equals_nothing():
    numbers = [0, 1.5, None, "nan"]
    assert found(numbers, {"x": math.nan}) == [False] * 4 and found(numbers, {"x": {"$ne": math.nan}}) == [True] * 4
    assert found(numbers, {"x": {"$lt": math.inf}}) == [True, True, False, False]
    assert found(numbers, {"x": {"$gt": -math.inf}}) == [True, True, False, False]


@pytest.mark.parametrize("beyond, larger", [(10**400, False), (-10**400, True), (2**70, False)])
def test_a_whole_number_of_any_size_may_be_asked_for(beyond, larger):
    assert found([0, LARGE, -1.5], {"x": {"$gt": beyond}}) == [larger] * 3
    assert found([0, LARGE, -1.5], {"x": beyond}) == [False] * 3


def test_lists_and_objects_are_compared_whole():
    values = [[1, 2], [1, 2, 3], {"a": 1}, {"a": {"b": 2}}, [], {}]
    for asked in values[:2]:
        assert found(values, {"x": asked}) == [value == asked for value in values]
    assert found(values, {"x.a": 1}) == [False, False, True, False, False, False]
    assert found(values, {"x.a.b": 2}) == [False, False, False, True, False, False]


@pytest.mark.parametrize("name", ['x"', "x'; DROP TABLE store; --", "x y", "", "x[0]", "é", "x\n", '$."x"'])
def test_a_name_that_cannot_be_is_refused_with_what_could(name):
    with pytest.raises(ValueError, match="Invalid filter key.*letters, digits"):
        found([1], {name: 1})


def test_an_operator_that_there_is_not_is_refused_with_those_that_there_are():
    with pytest.raises(ValueError, match=r"filter on x: unsupported operator \$in; there are \$eq, \$ne"):
        found([1], {"x": {"$in": [1]}})


@pytest.mark.parametrize("namespace, found_there", [
    (("a",), ["a", "a.*", "a.b"]), (("A",), ["A"]), (("a", "*"), ["a.*"]), (("*",), ["*.x"]), (("[a]",), ["[a].b"]),
    (("?",), []), ((), ["*.x", "A", "[a].b", "a", "a.*", "a.b", "ab"])])
def test_a_prefix_is_whole_names_and_no_pattern(namespace, found_there):
    table = sqlite3.connect(":memory:")
    table.execute("CREATE TABLE store (prefix TEXT)")
    table.executemany("INSERT INTO store VALUES (?)", [(name,) for name in ("a", "a.b", "ab", "A", "a.*", "*.x", "[a].b")])
    condition = Condition()
    condition.below(namespace)
    rows = table.execute(f"SELECT prefix FROM store s WHERE {condition.sql} ORDER BY prefix", condition.values)
    assert [prefix for prefix, in rows] == found_there


def test_a_store_finds_an_id_of_64_bits_and_not_its_neighbour(tmp_path):
    """It was asked for as a float, which has no such number: nothing was found."""
    store = FoveaStore(tmp_path / "memory.db")
    for number in (LARGE, LARGE + 1):
        store.put(("ann",), str(number), {"discord": number})
    assert [item.key for item in store.search(("ann",), filter={"discord": LARGE})] == [str(LARGE)]
    assert [item.key for item in store.search(("ann",), filter={"discord": {"$gt": LARGE}})] == [str(LARGE + 1)]
    assert store.search(("bob",), filter={"discord": LARGE}) == []
    store.close()


def test_a_search_may_ask_for_more_items_than_sqlite_takes_parameters(tmp_path):
    """It was an error: too many SQL variables."""
    store = FoveaStore(tmp_path / "memory.db")
    for number in range(60):
        store.put(("ann",), str(number), {"text": f"ship number {number}"})
    store.conn.setlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER, 30)  # of 32,766
    assert len(store.search(("ann",), query="ship", limit=1000)) == 60
    first, rest = store.search(("ann",), query="ship", limit=10), store.search(("ann",), query="ship", limit=50, offset=10)
    assert len({item.key for item in [*first, *rest]}) == 60 and len(first) == 10
    store.close()
