"""What LangGraph's filters and namespaces are in SQL, on rows `s` of the table `store`."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

import fovea

_NAME = re.compile(r"[a-zA-Z0-9_.-]+")
_OPERATORS = {"$eq": "IS", "$ne": "IS NOT", "$gt": ">", "$gte": ">=", "$lt": "<", "$lte": "<="}
_ORDERED = {"$gt", "$gte", "$lt", "$lte"}
_SMALLEST, _LARGEST = -2**63, 2**63 - 1  # of SQLite's integers


class Condition:
    """SQL and its parameters; all parts must hold."""

    def __init__(self) -> None:
        self._parts: list[str] = ["TRUE"]
        self.values: list[Any] = []

    @property
    def sql(self) -> str:
        return " AND ".join(self._parts)

    def add(self, sql: str, *values: Any) -> None:
        self._parts.append(sql)
        self.values.extend(values)

    def below(self, namespace: Sequence[str]) -> None:
        """The namespace and those below it."""
        if namespace:
            path = ".".join(namespace)
            # GLOB tells capitals from small letters, as `=` does; what it would take for a pattern is put in [].
            self.add("(s.prefix = ? OR s.prefix GLOB ?)", path, re.sub(r"([*?\[])", r"[\1]", path) + ".*")

    def matches(self, wanted: Mapping[str, Any] | None) -> None:
        """Raises ValueError for a name or an operator that cannot be."""
        for name, value in (wanted or {}).items():
            if not _NAME.fullmatch(name):
                raise fovea.InvalidArgument(f"Invalid filter key: {name!r}; letters, digits, _, - and . between names")
            compared = isinstance(value, dict) and any(key.startswith("$") for key in value)
            for operator, operand in (value if compared else {"$eq": value}).items():
                self._compare(name, operator, operand)

    def _compare(self, name: str, operator: str, value: Any) -> None:
        if operator not in _OPERATORS:
            raise fovea.InvalidArgument(f"filter on {name}: unsupported operator {operator}; there are "
                                        + ", ".join(_OPERATORS))
        path = "$" + "".join(f'."{part}"' for part in name.split("."))
        if isinstance(value, float) and math.isnan(value):  # equal to nothing, smaller and larger than nothing
            self.add("TRUE" if operator == "$ne" else "FALSE")
            return
        if operator in _ORDERED:  # for SQLite every text is larger than every number
            kinds = "('text')" if isinstance(value, str) else "('integer', 'real', 'true', 'false')"
            self.add(f"json_type(s.value, ?) IN {kinds}", path)
        elif isinstance(value, bool):  # for SQLite true is 1
            self.add(f"json_type(s.value, ?) {_OPERATORS[operator]} ?", path, str(value).lower())
            return
        self.add(f"json_extract(s.value, ?) {_OPERATORS[operator]} ?", path, _operand(value))


def _operand(value: Any) -> Any:
    if value is None or isinstance(value, (str, float)):
        return value
    if isinstance(value, int):  # as it is: a float has 53 bits, and ids have 64
        return int(value) if _SMALLEST <= value <= _LARGEST else _float_of(value)
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _float_of(value: int) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf
