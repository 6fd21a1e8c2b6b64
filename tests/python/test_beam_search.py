"""Memories opened with a beam width: what they hand out, and what does not depend on it."""

from __future__ import annotations

import pytest

from harbour import prose

pytest.importorskip("fovea._core", reason="built without FOVEA_BUILD_PYTHON")

import fovea  # noqa: E402

CORRECTED = fovea.Policy.from_json(
    '{"bands": [{"floor": 0.5}], "corrections": {"bytes": 65536, "down_to": "trace"}}')


def said(lines: int, start: int = 0) -> str:
    return f"user:\n{prose(lines, start)}\n"


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """Ann's page keeps its exact text, Bob's has corrections in its place; both are at trace."""
    path = tmp_path_factory.mktemp("beam") / "memory.db"
    for user, options in {"ann": {}, "bob": {"archive": "drop", "policy": CORRECTED}}.items():
        with fovea.Memory(path, scope=user, level="trace", measured_pages=0, **options) as memory:
            memory.add(prose(20, 100 if user == "bob" else 0))
            memory.finish()
    return path


def recalled(store, user: str, source: str, beam_width: int):
    with fovea.Memory(store, scope=user, beam_width=beam_width) as memory:
        (item,) = memory.recall_all(source)
        return item


def test_a_search_hands_out_another_reading(store):
    greedy, wide = recalled(store, "ann", "tokens", 1), recalled(store, "ann", "tokens", 4)
    assert greedy.text != wide.text
    assert recalled(store, "ann", "automatic", 4).text == said(20)


@pytest.mark.parametrize("beam_width", [1, 4])
def test_corrections_fit_whatever_the_width(store, beam_width):
    item = recalled(store, "bob", "automatic", beam_width)
    assert item.text == said(20, 100) and item.confidence == 1
    assert item.source == "corrected"


def test_measurements_are_of_the_greedy_reading(tmp_path):
    found = []
    for width in (1, 4):
        with fovea.Memory(tmp_path / f"{width}.db", level="trace", measured_pages=-1, beam_width=width) as memory:
            memory.add(prose(20))
            memory.finish()
            found += [page.fidelity for page in memory.pages()]
    assert len(found) == 2 and found[0] == found[1] < 1


def test_widths_that_there_are_not_are_refused(store):
    with pytest.raises(ValueError, match="beam width from 1 to 16, got 0"), \
            fovea.Memory(store, scope="ann", beam_width=0) as memory:
        memory.recall_all("tokens")
