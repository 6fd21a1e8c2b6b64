"""Ageing by itself, as fovea-mcp does for one scope and fovea-server for all."""

from __future__ import annotations

import time

import pytest

pytest.importorskip("fovea._core", reason="built without FOVEA_BUILD_PYTHON")

import fovea  # noqa: E402
from fovea._ageing import Ageing  # noqa: E402

pytestmark = pytest.mark.usefixtures("loaded")


def told_within(store, scope: str | None, most: int) -> list[str]:
    told: list[str] = []
    ageing = Ageing(told.append, .05, str(store), None, scope, measured_pages=0)
    ageing.start()
    until = time.monotonic() + 120
    while len(told) < most and time.monotonic() < until:
        time.sleep(.05)
    ageing.end()
    ageing.join(120)
    return told


@pytest.fixture
def store(tmp_path):
    """Ann and Bob have said something whose time is over, and something that stays."""
    for user in ("ann", "bob"):
        with fovea.Memory(tmp_path / "memory.db", scope=user, measured_pages=0) as memory:
            memory.add("The zebra was here.", expires=1_000_000)
            memory.add("The lamp is new.")
    return tmp_path / "memory.db"


def messages(store, user: str) -> int:
    with fovea.Memory(store, scope=user) as memory:
        return memory.stats().messages


def test_all_scopes_of_a_store_age(store):
    assert told_within(store, None, 2) == ["1 page erased, as their time was over"] * 2
    assert messages(store, "ann") == messages(store, "bob") == 1


def test_one_scope_ages_and_no_other(store):
    assert told_within(store, "ann", 1) == ["1 page erased, as their time was over"]
    assert messages(store, "ann") == 1
    with fovea.Memory(store, scope="bob") as memory:
        assert memory.age().expired.messages == 1


def test_a_scope_that_cannot_age_keeps_no_other_from_it(store, monkeypatch):
    age = Ageing._age

    def fails_for_ann(self, scope):
        if scope.user == "ann":
            raise fovea.Corruption("page 1 is damaged")
        return age(self, scope)

    monkeypatch.setattr(Ageing, "_age", fails_for_ann)
    assert told_within(store, None, 2)[:2] == ["could not age: page 1 is damaged", "1 page erased, as their time was over"]
