"""Adapters of frameworks after something went wrong in them: the next call works, nothing is lost or half done."""

from __future__ import annotations

import asyncio
import datetime
import json
import sqlite3
import threading

import pytest

pytest.importorskip("fovea._core", reason="built without FOVEA_BUILD_PYTHON")

import fovea  # noqa: E402
from fovea.agents._beside import Memories, side_file, transaction  # noqa: E402

pytestmark = pytest.mark.usefixtures("loaded")

QUICK = {"level": "tiny", "measured_pages": 0}


def said(number: int) -> dict:
    return {"role": "user", "content": f"Message {number}: the keeper wrote {number * 7} names."}


def test_a_transaction_that_fails_is_undone_and_the_next_one_works(tmp_path):
    table = side_file(tmp_path / "a.db", ".items", {})
    table.execute("CREATE TABLE words (word TEXT UNIQUE)")
    with transaction(table):
        table.execute("INSERT INTO words VALUES ('one')")
    with pytest.raises(sqlite3.IntegrityError), transaction(table):
        table.execute("INSERT INTO words VALUES ('two')")
        table.execute("INSERT INTO words VALUES ('one')")
    assert not table.in_transaction
    with pytest.raises(KeyboardInterrupt), transaction(table):
        table.execute("INSERT INTO words VALUES ('three')")
        raise KeyboardInterrupt
    with transaction(table):
        table.execute("INSERT INTO words VALUES ('four')")
    assert [word for word, in table.execute("SELECT word FROM words")] == ["one", "four"]


def test_what_a_transaction_has_ended_by_itself_is_not_ended_twice(tmp_path):
    table = side_file(tmp_path / "a.db", ".items", {})
    with pytest.raises(RuntimeError, match="the disk is full"), transaction(table):
        table.execute("ROLLBACK")  # as SQLite does on some errors
        raise RuntimeError("the disk is full")
    with transaction(table):
        table.execute("CREATE TABLE words (word TEXT)")


def test_a_side_file_is_its_owners_alone_with_its_journals(tmp_path):
    table = side_file(tmp_path / "a.db", ".items", {})
    table.execute("CREATE TABLE words (word TEXT)")
    assert {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {
        "a.db.items": 0o600, "a.db.items-wal": 0o600, "a.db.items-shm": 0o600}


def test_a_side_file_in_memory_leaves_no_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    side_file(":memory:", ".items", {}).execute("CREATE TABLE words (word TEXT)")
    assert list(tmp_path.iterdir()) == []


def test_an_item_that_is_no_json_is_refused_and_the_session_goes_on(tmp_path):
    """It had left a transaction open, in which no later item could be added, by no process."""
    pytest.importorskip("agents", reason="pip install openai-agents")
    from fovea.agents.openai_agents import FoveaSession

    async def work() -> None:
        ann, bob = (FoveaSession(name, tmp_path / "a.db", recent=2, **QUICK) for name in ("ann", "bob"))
        await ann.add_items([said(1)])
        with pytest.raises(TypeError, match="not JSON serializable"):
            await ann.add_items([said(2), {"role": "user", "content": datetime.date(2026, 5, 15)}])
        assert await ann.get_items() == [said(1)]  # all of a call, or nothing
        await bob.add_items([said(3)])
        await ann.add_items([said(4)])
        assert await ann.get_items() == [said(1), said(4)] and await bob.get_items() == [said(3)]
        for session in (ann, bob):
            await session.close()

    asyncio.run(work())


def test_items_that_the_memory_cannot_take_stay_where_they_are(tmp_path):
    pytest.importorskip("agents", reason="pip install openai-agents")
    from fovea.agents.openai_agents import FoveaSession

    class Full:
        """A memory on a full disk."""

        def add_many(self, messages):
            raise fovea.IOFailure("the disk is full")

        def stats(self):
            return memory.stats()

    async def work() -> None:
        session.memory = Full()
        for number in range(4):
            await session.add_items([said(number)])
        with pytest.raises(OSError, match="the disk is full"):
            await session.add_items([said(4)])  # more than twice `recent`
        assert await session.get_items() == [said(number) for number in range(5)]
        session.memory = memory
        await session.add_items([said(5)])  # now they go
        first, *rest = await session.get_items()
        assert rest == [said(4), said(5)] and memory.stats().messages == 4
        assert "Message 3" in json.dumps(first)

    session = FoveaSession("ann", tmp_path / "a.db", recent=2, **QUICK)
    memory = session.memory
    asyncio.run(work())


def test_a_file_that_another_process_makes_meanwhile_is_not_moved_upon(tmp_path, monkeypatch):
    """The rename had left a transaction open: no file could be changed any more."""
    pytest.importorskip("anthropic.lib.tools", reason="pip install anthropic")
    from fovea.agents.anthropic_memory import FoveaMemoryTool

    def call(tool, command: str, **more) -> str:
        return tool.call({"command": command, **more})

    tool, other = (FoveaMemoryTool(tmp_path / "memory.db", **QUICK) for _ in range(2))
    call(tool, "create", path="/memories/a", file_text="first")
    files = FoveaMemoryTool._files

    def late(self):
        """What was there before the other process made its file."""
        found = files(self)
        if self is tool and "/memories/b" not in found:
            call(other, "create", path="/memories/b", file_text="second")
        return found

    with monkeypatch.context() as patched:
        patched.setattr(FoveaMemoryTool, "_files", late)
        with pytest.raises(sqlite3.IntegrityError):
            call(tool, "rename", old_path="/memories/a", new_path="/memories/b")
    assert call(tool, "view", path="/memories").splitlines()[1:] == ["/memories/a", "/memories/b"]
    assert call(tool, "view", path="/memories/b").endswith("\tsecond")
    call(tool, "rename", old_path="/memories/a", new_path="/memories/c")
    call(other, "create", path="/memories/a", file_text="third")
    assert call(tool, "view", path="/memories/a").endswith("\tthird")
    assert call(other, "view", path="/memories/c").endswith("\tfirst")


def test_a_file_that_two_processes_change_leaves_no_text_when_it_is_deleted(tmp_path, monkeypatch):
    """The version that the other process made in between had stayed in the store, where nothing named it."""
    pytest.importorskip("anthropic.lib.tools", reason="pip install anthropic")
    from fovea.agents import anthropic_memory
    from fovea.agents.anthropic_memory import FoveaMemoryTool

    tool, other = (FoveaMemoryTool(tmp_path / "memory.db", **QUICK) for _ in range(2))
    bob = FoveaMemoryTool(tmp_path / "memory.db", owner="bob", **QUICK)
    for one in (tool, bob):
        one.call({"command": "create", "path": "/memories/a", "file_text": "a first almanac"})
    real = anthropic_memory.transaction

    def late(index):
        """The other process's change comes just before this one's begins."""
        monkeypatch.undo()
        other._write("/memories/a", "a second almanac, of the zeppelin")
        return real(index)

    monkeypatch.setattr(anthropic_memory, "transaction", late)
    tool.call({"command": "str_replace", "path": "/memories/a", "old_str": "first", "new_str": "third"})
    assert tool.call({"command": "view", "path": "/memories/a"}).endswith("\ta third almanac")
    with fovea.Memory(tmp_path / "memory.db", scope="default", **QUICK) as memory:
        held = [str(one.scope) for one in memory.scopes() if one.messages]
    assert len(held) == 1  # one version of one file
    tool.call({"command": "delete", "path": "/memories/a"})
    assert all(b"zeppelin" not in path.read_bytes() for path in tmp_path.iterdir())
    assert bob.call({"command": "view", "path": "/memories/a"}).endswith("\ta first almanac")


def test_a_file_that_is_changed_while_it_is_deleted_is_gone(tmp_path, monkeypatch):
    pytest.importorskip("anthropic.lib.tools", reason="pip install anthropic")
    from fovea.agents.anthropic_memory import FoveaMemoryTool

    tool, other = (FoveaMemoryTool(tmp_path / "memory.db", **QUICK) for _ in range(2))
    tool.call({"command": "create", "path": "/memories/a", "file_text": "first"})
    remove = FoveaMemoryTool._remove

    def late(self, file):
        other._write(file, "second zeppelin")
        remove(self, file)

    monkeypatch.setattr(FoveaMemoryTool, "_remove", late)
    tool.call({"command": "delete", "path": "/memories/a"})
    assert tool.call({"command": "view", "path": "/memories"}).splitlines()[1:] == []
    assert all(b"zeppelin" not in path.read_bytes() for path in tmp_path.iterdir())
    remove(tool, "/memories/a")  # as one does that comes second


def test_memories_that_were_used_last_stay_open_and_each_has_its_own_text(tmp_path):
    memories = Memories(tmp_path / "memory.db", QUICK)
    users = [f"user {number}" for number in range(Memories.OPEN + 3)]
    for user in users:
        with memories.use(fovea.Scope(user, "a", "s")) as memory:
            memory.add(f"{user} was here")
    opened = {}
    for user in [users[0], users[-1], users[0]]:
        with memories.use(fovea.Scope(user, "a", "s")) as memory:
            assert [item.text for item in memory.recall_all()] == [f"user:\n{user} was here\n\n"]
            opened.setdefault(user, memory)
            assert opened[user] is memory
    with memories.use(fovea.Scope(users[0], "a", "s", "another run")) as memory:
        assert memory.recall_all() == []
    memories.close()
    assert all(memory.closed for memory in opened.values())


def test_memories_are_used_by_many_threads_one_at_a_time(tmp_path):
    memories, errors = Memories(tmp_path / "memory.db", QUICK), []
    inside: list[str] = []

    def work(user: str) -> None:
        try:
            for number in range(12):
                with memories.use(fovea.Scope(user, "a", "s")) as memory:
                    inside.append(user)
                    assert inside == [user]
                    memory.add(f"{user} {number}.")
                    inside.remove(user)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(f"user {number % 3}",)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert errors == []
    for number in range(3):
        with memories.use(fovea.Scope(f"user {number}", "a", "s")) as memory:
            text = "".join(item.text for item in memory.recall_all())
            assert text.count("\n\n") == 24 and text.count(f"user {number} ") == 24
