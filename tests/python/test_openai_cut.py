"""Which of a session's first items may go onto pages: no call of a tool is parted from its result."""

from __future__ import annotations

import random

import pytest

pytest.importorskip("fovea._core", reason="built without FOVEA_BUILD_PYTHON")
pytest.importorskip("agents", reason="pip install openai-agents")

from fovea.agents.openai_agents import _cut, _last_question  # noqa: E402

SAID = {"role": "user", "content": "hello"}
REASONING = {"type": "reasoning", "summary": []}


def call(name: str, kind: str = "function_call") -> dict:
    return {"type": kind, "call_id": name}


def result(name: str, kind: str = "function_call_output") -> dict:
    return {"type": kind, "call_id": name}


@pytest.mark.parametrize("items, wanted, cut", [
    ([], 3, 0), ([SAID] * 5, 0, 0), ([SAID] * 5, 3, 3), ([SAID] * 2, 9, 2),
    ([SAID, call("a"), result("a"), SAID], 2, 1), ([SAID, call("a"), result("a"), SAID], 3, 3),
    ([call("a"), call("b"), result("a"), result("b")], 3, 0), ([call("a"), call("b"), result("a"), result("b")], 4, 4),
    ([SAID, REASONING, call("a"), result("a")], 2, 1), ([SAID, REASONING, SAID], 2, 1), ([REASONING, SAID], 2, 2),
    ([call("a", "computer_call"), result("a", "computer_call_output"), SAID], 2, 2),
    ([call("a", "computer_call"), result("a", "computer_call_output"), SAID], 1, 0),
    ([result("lost"), SAID], 1, 1),  # its call went long ago
    # A call that was broken off never gets its result.
    ([call("a"), SAID, SAID], 2, 2), ([call("a"), REASONING, SAID], 3, 3), ([SAID, call("a")], 2, 1),
    ([call("a"), {"role": "assistant", "content": "well"}, SAID], 2, 0), ([call("a"), call("b"), SAID, result("b")], 4, 4),
    ([call("a"), call("b"), SAID, result("b")], 3, 0),
])
def test_the_cut_is_as_far_as_it_may_be(items, wanted, cut):
    assert _cut(items, wanted) == cut


def test_whatever_the_items_no_call_is_parted_from_its_result():
    rng = random.Random(9)
    for _ in range(2000):
        items, waiting = [], []
        for number in range(rng.randrange(15)):
            kind = rng.randrange(4)
            if kind == 0:
                items.append(call(f"c{number}"))
                waiting.append(f"c{number}")
            elif kind == 1 and waiting:
                items.append(result(waiting.pop(rng.randrange(len(waiting)))))
            else:
                items.append(rng.choice([SAID, REASONING]))
        wanted = rng.randrange(18)
        cut = _cut(items, wanted)
        assert 0 <= cut <= min(wanted, len(items))
        gone, left = items[:cut], items[cut:]
        results_left = {item["call_id"] for item in left if item.get("type") == "function_call_output"}
        assert not any(item.get("type") == "function_call" and item["call_id"] in results_left for item in gone)
        assert not gone or gone[-1] is not REASONING
        # No later place would have done.
        for later in range(cut + 1, min(wanted, len(items)) + 1):
            head = items[:later]
            called = [item["call_id"] for at, item in enumerate(head) if item.get("type") == "function_call"
                      and (item["call_id"] in results_left or SAID not in head[at:])]
            answered = {item["call_id"] for item in head if item.get("type") == "function_call_output"}
            assert head[-1] is REASONING or not set(called) <= answered


@pytest.mark.parametrize("items, question", [
    ([], ""), ([{"role": "assistant", "content": "yes"}], ""), ([SAID], "hello"),
    ([{"role": "user", "content": "first"}, {"role": "assistant", "content": "x"}, {"role": "user", "content": "second"}], "second"),
    ([{"role": "user", "content": [{"type": "input_text", "text": "a ship"}]}], '[{"type": "input_text", "text": "a ship"}]'),
    ([call("a")], ""), ([{"role": "user"}], "null")])
def test_the_last_question_is_what_older_items_are_looked_up_for(items, question):
    assert _last_question(items) == question
