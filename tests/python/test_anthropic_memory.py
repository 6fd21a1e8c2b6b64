"""FoveaMemoryTool through the real SDK's dispatch: commands as the model sends them."""

from __future__ import annotations

import pytest

from harbour import prose

pytest.importorskip("fovea._core", reason="built without FOVEA_BUILD_PYTHON")
pytest.importorskip("anthropic.lib.tools", reason="pip install anthropic")

import fovea  # noqa: E402
from anthropic.lib.tools import ToolError  # noqa: E402

from fovea.agents.anthropic_memory import FoveaMemoryTool  # noqa: E402


pytestmark = pytest.mark.usefixtures("loaded")


@pytest.fixture
def tool(tmp_path):
    return FoveaMemoryTool(tmp_path / "memory.db", level="tiny")


def create(tool, path: str, text: str) -> str:
    return tool.call({"command": "create", "path": path, "file_text": text})


def view(tool, path: str, **more) -> str:
    return tool.call({"command": "view", "path": path, **more})


def test_files_are_made_changed_moved_and_deleted(tool):
    create(tool, "/memories/notes.md", "one\ntwo\nthree")
    create(tool, "/memories/people/ann.md", "likes ships")
    assert view(tool, "/memories").splitlines()[1:] == ["/memories/notes.md", "/memories/people/ann.md"]
    tool.call({"command": "str_replace", "path": "/memories/notes.md", "old_str": "two", "new_str": "2"})
    tool.call({"command": "insert", "path": "/memories/notes.md", "insert_line": 0, "insert_text": "zero\n"})
    assert view(tool, "/memories/notes.md").splitlines()[1:] == \
        ["     1\tzero", "     2\tone", "     3\t2", "     4\tthree"]
    assert view(tool, "/memories/notes.md", view_range=[2, 3]).splitlines()[1:] == ["     2\tone", "     3\t2"]
    tool.call({"command": "rename", "old_path": "/memories/people", "new_path": "/memories/folk"})
    assert "likes ships" in view(tool, "/memories/folk/ann.md")
    tool.call({"command": "delete", "path": "/memories/folk"})
    assert view(tool, "/memories").splitlines()[1:] == ["/memories/notes.md"]
    tool.clear_all_memory()
    assert view(tool, "/memories").splitlines()[1:] == []
    assert tool.to_dict() == {"type": "memory_20250818", "name": "memory"}


def test_a_long_file_lies_on_pages_and_comes_back_exactly(tool, tmp_path):
    create(tool, "/memories/log.txt", prose(130))
    with tool.memory("/memories/log.txt") as memory:
        assert memory.stats().pages == 2 and memory.search("00100 ships", k=1)[0].id
    shown = view(FoveaMemoryTool(tmp_path / "memory.db"), "/memories/log.txt").split("\n", 1)[1]
    assert "".join(line.split("\t", 1)[1] + "\n" for line in shown.splitlines()[:-1]) == prose(130)


def test_what_is_deleted_is_gone_from_the_store(tool, tmp_path):
    create(tool, "/memories/secret.txt", "the key is under the almanac")
    tool.call({"command": "delete", "path": "/memories/secret.txt"})
    assert all(b"almanac" not in path.read_bytes() for path in tmp_path.iterdir())


def test_owners_do_not_see_each_other(tool, tmp_path):
    bob = FoveaMemoryTool(tmp_path / "memory.db", owner="bob", level="tiny")
    create(tool, "/memories/a.txt", "mine is 4711")
    create(bob, "/memories/b.txt", "Bob's is 1234")
    assert view(bob, "/memories").splitlines()[1:] == ["/memories/b.txt"]
    with pytest.raises(ToolError, match="does not exist"):
        view(bob, "/memories/a.txt")
    with bob.memory("/memories/b.txt") as memory:
        assert "4711" not in "".join(part.text for part in memory.context(2000, query="4711", target="text").parts)
    bob.clear_all_memory()
    assert "4711" in view(tool, "/memories/a.txt")


@pytest.mark.parametrize("command, message", [
    ({"command": "view", "path": "/etc/passwd"}, "must start with /memories"),
    ({"command": "view", "path": "/memories/../etc"}, "must start with /memories"),
    ({"command": "view", "path": "/memories/none"}, "does not exist"),
    ({"command": "view", "path": "/memories/a", "view_range": [5, 9]}, "outside the 1 lines"),
    ({"command": "create", "path": "/memories/a", "file_text": "x"}, "already exists"),
    ({"command": "create", "path": "/memories/a/b", "file_text": "x"}, "below a file"),
    ({"command": "str_replace", "path": "/memories/a", "old_str": "x", "new_str": "y"}, "found 0 times"),
    ({"command": "insert", "path": "/memories/a", "insert_line": 9, "insert_text": "y"}, "insert_line 9"),
    ({"command": "view", "path": "/memories/a", "view_range": [0, 1]}, "outside the 1 lines"),
    ({"command": "view", "path": "/memories/d/none"}, "does not exist"),
    ({"command": "create", "path": "/memories", "file_text": "x"}, "it is a directory"),
    ({"command": "create", "path": "/memories/d", "file_text": "x"}, "it is a directory"),
    ({"command": "create", "path": "/memoriesx", "file_text": "x"}, "must start with /memories"),
    ({"command": "str_replace", "path": "/memories/none", "old_str": "x", "new_str": "y"}, "not a file"),
    ({"command": "insert", "path": "/memories/d", "insert_line": 0, "insert_text": "y"}, "not a file"),
    ({"command": "insert", "path": "/memories/a", "insert_line": -1, "insert_text": "y"}, "insert_line -1"),
    ({"command": "delete", "path": "/memories"}, "Cannot delete"),
    ({"command": "delete", "path": "/memories/none"}, "does not exist"),
    ({"command": "rename", "old_path": "/memories", "new_path": "/memories/z"}, "cannot be moved"),
    ({"command": "rename", "old_path": "/memories/a", "new_path": "/memories/q"}, "already exists"),
    ({"command": "rename", "old_path": "/memories/a", "new_path": "/memories/d"}, "already exists"),
    ({"command": "rename", "old_path": "/memories/none", "new_path": "/memories/b"}, "does not exist"),
    ({"command": "rename", "old_path": "/memories/q", "new_path": "/memories/a/q"}, "below a file"),
    ({"command": "rename", "old_path": "/memories/a", "new_path": "/memories/a/b"}, "below a file"),
    ({"command": "rename", "old_path": "/memories/d", "new_path": "/memories/d/e"}, "below /memories/d itself"),
])
def test_wrong_commands_are_told_to_the_model(tool, command, message):
    for file in ("a", "q", "d/x"):
        create(tool, f"/memories/{file}", "mine")
    with pytest.raises(ToolError, match=message):
        tool.call(command)
    assert view(tool, "/memories").splitlines()[1:] == ["/memories/a", "/memories/d/x", "/memories/q"]


def test_a_range_of_lines_may_go_beyond_the_last_one(tool):
    create(tool, "/memories/a", "one\ntwo")
    for given in ([2, 99], [2, -1]):
        assert view(tool, "/memories/a", view_range=given).splitlines()[1:] == ["     2\ttwo"]


def test_text_that_stands_twice_is_not_replaced(tool):
    create(tool, "/memories/a", "one one")
    with pytest.raises(ToolError, match="found 2 times"):
        tool.call({"command": "str_replace", "path": "/memories/a", "old_str": "one", "new_str": "two"})
    assert view(tool, "/memories/a").endswith("\tone one")


def test_a_change_that_fails_leaves_the_file_as_it_was(tool, tmp_path, monkeypatch):
    bob = FoveaMemoryTool(tmp_path / "memory.db", owner="bob", level="tiny")
    create(tool, "/memories/a", "mine is 4711")
    create(bob, "/memories/a", "Bob's is 1234")

    def fails(self, version):
        raise fovea.IOFailure("the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(FoveaMemoryTool, "_version", fails)
        with pytest.raises(fovea.IOFailure, match="the disk is full"):
            tool._write("/memories/a", "changed")
        with pytest.raises(fovea.IOFailure):
            tool._write("/memories/new", "changed")
    assert view(tool, "/memories").splitlines()[1:] == ["/memories/a"]
    assert view(tool, "/memories/a").endswith("4711") and view(bob, "/memories/a").endswith("1234")
    create(tool, "/memories/new", "whole")  # under the number that was given back
    assert view(tool, "/memories/new").endswith("\twhole")
