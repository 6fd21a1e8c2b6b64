"""memctl list, pages and scopes; scopes that are mistyped; what dates and roles come with."""

from __future__ import annotations

import json
import pathlib

import pytest

from harbour import prose
from memctl_program import Memctl, pytestmark  # noqa: F401

FIXTURES = pathlib.Path(__file__).resolve().parents[1] / "history/fixtures"

SAID = [{"id": "m1", "role": "user", "content": "Where is the log? " + prose(30), "timestamp": "2026-05-15T10:00:00Z"},
        {"id": "m2", "role": "assistant", "content": "I look for it. " + prose(30, 100),
         "timestamp": "2026-05-15T10:01:00Z"},
        {"id": "m3", "role": "tool", "content": "ls: cannot open /var/log", "timestamp": "2026-05-16T08:00:00Z"},
        {"id": "m4", "role": "user", "content": "Then ask the keeper.", "timestamp": "2026-05-16T09:00:00Z"}]


@pytest.fixture(scope="module")
def chat(tmp_path_factory):
    """Ann's chat, on a page and on none yet, and a note of Bob's; for tests that change nothing."""
    memctl = Memctl(tmp_path_factory.mktemp("chat"))
    memctl.file("chat.jsonl", "".join(json.dumps(message) + "\n" for message in SAID))
    memctl("--scope", "ann/coder/monday", "compact", "chat.jsonl", "--level", "tiny", "--measure", "1")
    memctl.file("note.txt", "Bob's own secret almanac.")
    memctl("--scope", "bob/coder", "compact", "note.txt")
    return memctl


def listed(memctl, verb, *arguments, scope="ann/coder/monday"):
    return memctl("--json", "--scope", scope, verb, *arguments).json


def test_list_shows_the_messages_newest_first(chat):
    everything = listed(chat, "list")
    messages = everything["messages"]
    assert [message["source"] for message in messages] == ["m4", "m3", "m2", "m1"] and not everything["more"]
    assert [message["role"] for message in messages] == ["user", "tool", "assistant", "user"]
    assert messages[0]["pages"] == [] and messages[0]["level"] is None and messages[0]["begins"] == "Then ask the keeper."
    assert messages[3]["pages"] == [1] and messages[3]["level"] == "tiny" and messages[3]["time"] == 1778839200
    assert messages[3]["tokens"] > messages[0]["tokens"] > 3 and messages[3]["begins"].startswith("Where is the log?")
    assert all("Bob" not in message["begins"] for message in messages)
    text = chat("--scope", "ann/coder/monday", "list").out.decode().splitlines()
    assert len(text) == 4 and "2026-05-16 09:00" in text[0] and "on no page yet" in text[0] and "tokens" in text[0]
    assert "page 1 tiny" in text[3]


def test_list_takes_conditions_and_a_limit(chat):
    assert [m["source"] for m in listed(chat, "list", "--where", "role = tool")["messages"]] == ["m3"]
    assert [m["source"] for m in listed(chat, "list", "--where", "time >= 2026-05-16")["messages"]] == ["m4", "m3"]
    assert [m["source"] for m in listed(chat, "list", "--where", "level = tiny")["messages"]] == ["m2", "m1"]
    newest = listed(chat, "list", "--limit", "1")
    assert [m["source"] for m in newest["messages"]] == ["m4"] and newest["more"]
    assert "older ones" in chat("--scope", "ann/coder/monday", "list", "--limit", "1").out.decode()
    assert "no message" in chat("--scope", "ann/coder/monday", "list", "--where", "role = robot").out.decode()
    assert "condition" in chat("--json", "--scope", "ann/coder/monday", "list", "--where", "mood = good", code=2).err


def test_pages_show_level_dates_costs_and_sources(chat):
    page, = listed(chat, "pages")["pages"]
    assert page["level"] == "tiny" and page["vision_tokens"] == 64 and page["text_tokens"] > 1000
    assert page["first_time"] == 1778839200 and page["time"] == 1778839260 and page["messages"] == 2
    assert page["sources"] == ["m1", "m2"] and page["fidelity"] > 0.5 and page["has_archive"]
    assert page["text_bytes"] > 5000 and page["token_bytes"] > 64 and page["scope"] == "ann/coder/monday"
    text = chat("--scope", "ann/coder/monday", "pages").out.decode()
    assert "2026-05-15 10:00 - 2026-05-15 10:01" in text and "days old" in text and "from m1 and 1 other" in text
    assert listed(chat, "pages", "--where", "level = faint")["pages"] == []


def test_scopes_are_all_of_the_store_or_one_users(chat):
    everyone = chat("--json", "scopes").json["scopes"]
    assert [scope["scope"] for scope in everyone] == ["ann/coder/monday", "bob/coder/default"]
    assert everyone[0]["pages"] == 1 and everyone[0]["messages"] == 4 and everyone[0]["time"] == 1778922000
    assert [s["scope"] for s in chat("--json", "--scope", "bob", "scopes").json["scopes"]] == ["bob/coder/default"]
    assert "ann/coder/monday" in chat("scopes").out.decode()


# Scopes that are mistyped


@pytest.mark.parametrize("given, near", [("ann/coder/mondya", "ann/coder/monday"), ("anne/coder/monday", "ann/coder/monday"),
                                         ("ann", "ann/coder/monday"), ("bob/codr", "bob/coder/default")])
@pytest.mark.parametrize("arguments", [["search", "log"], ["recall", "--all"], ["stats"],
                                       ["list"], ["pages"], ["show", "1", "-o", "x.png"], ["pin", "1"]])
def test_a_mistyped_scope_is_an_error_that_names_near_ones(chat, given, near, arguments):
    error = chat("--json", "--scope", given, *arguments, code=3).error
    assert error["code"] == "not_found" and f"did you mean {near}" in error["message"]


def test_a_scope_that_is_like_none_is_told_where_to_look(chat):
    error = chat("--json", "--scope", "zoe/writer/tuesday", "stats", code=3).error
    assert "did you mean" not in error["message"] and "`memctl scopes` lists" in error["message"]


def test_what_writes_makes_its_scope(memctl):
    memctl.file("note.txt", "A note.")
    memctl("--scope", "ann/coder", "compact", "note.txt")
    memctl("--scope", "ann/codes", "compact", "note.txt")
    assert listed(memctl, "list", scope="ann/codes")["messages"]


# Dates, roles and borders of messages


def test_search_and_recall_say_who_said_it_and_when(chat):
    ann = ("--scope", "ann/coder/monday")
    hit = chat("--json", *ann, "search", "log").json["hits"][0]
    assert hit["role"] == "user" and hit["time"] == 1778839200
    assert "2026-05-15 10:00  user: Where is the log" in chat(*ann, "search", "log").out.decode()
    page, rest = chat("--json", *ann, "recall", "--all").json["items"]
    assert [(m["role"], m["time"], m["begins"]) for m in page["messages"]] == [("user", 1778839200, True),
                                                                             ("assistant", 1778839260, True)]
    assert not page["messages"][1]["ends"] and sum(m["length"] for m in page["messages"]) == len(page["text"])
    assert [(m["role"], m["begins"], m["ends"]) for m in rest["messages"]] == \
        [("assistant", False, True), ("tool", True, True), ("user", True, True)]
    last = rest["messages"][-1]
    assert rest["text"][last["begin"]:last["begin"] + last["length"]].strip() == "user:\nThen ask the keeper."
    piece, *_ = chat("--json", *ann, "recall", "--query", "keeper ask", "--piece").json["items"]
    assert piece["role"] == "user" and piece["time"] == 1778922000


# Conditions on roles, in sessions of every format

FORMATS = ["claude_code_session.jsonl", "codex_rollout.jsonl", "openai_chat.jsonl", "anthropic_request.json",
           "responses_request.json", "sharegpt.json"]


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("finished", [False, True])
def test_a_condition_on_the_role_holds_in_every_format(memctl, name, finished):
    memctl("compact", FIXTURES / name, "--level", "tiny", "--measure", "0", *(["--finish"] if finished else []))
    messages = memctl("--json", "list", "--limit", "500").json["messages"]
    roles = {message["role"] for message in messages}
    assert {"user", "assistant"} <= roles
    assert "tool" in roles or "anthropic" in name  # whose fixture has a result and words of the user in one message
    for role in roles:
        of_role = memctl("--json", "list", "--limit", "500", "--where", f"role = {role}").json["messages"]
        assert {message["role"] for message in of_role} == {role}
        words = next((word for message in of_role for word in message["begins"].split() if len(word) > 4), None)
        if words is None:
            continue
        pieces = memctl("--json", "recall", "--query", words, "--piece", "-k", "50", "--where", f"role = {role}").json["items"]
        assert pieces and {piece["role"] for piece in pieces} == {role}
        found = memctl("--json", "search", words, "--where", f"role = {role}").json
        if finished:
            assert found["hits"] and {hit["role"] for hit in found["hits"]} == {role}
        else:
            assert found["verbatim_snippet"]
    assert memctl("--json", "search", "the", "--where", "role = robot", code=1).json["hits"] == []
