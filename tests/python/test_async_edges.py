"""fovea.AsyncMemory when tasks are cancelled, calls fail and several memories share a loop and a store."""

from __future__ import annotations

import asyncio
import gc
import sys
import threading

import pytest

from harbour import prose
from held import Held

pytest.importorskip("fovea._core", reason="built without FOVEA_BUILD_PYTHON")

import fovea  # noqa: E402

pytestmark = pytest.mark.usefixtures("loaded")

QUICK = {"level": "tiny", "measured_pages": 0}


@pytest.fixture
def run(tmp_path):
    """Runs a coroutine function of a memory, which is closed at its end."""

    def run(work, **options):
        async def whole():
            async with fovea.AsyncMemory(tmp_path / "memory.db", **{**QUICK, **options}) as memory:
                return await work(memory)

        return asyncio.run(asyncio.wait_for(whole(), 300))

    run.path = tmp_path / "memory.db"
    return run


def test_calls_that_wait_are_done_in_their_order(run):
    async def work(memory):
        await asyncio.gather(*(memory.add(f"message {number}", source_id=str(number)) for number in range(30)))
        return [message.source_id for message in await memory.messages(limit=30)]

    assert run(work) == [str(number) for number in range(30)]


def test_a_call_that_is_cancelled_before_its_turn_is_never_made(run):
    held = Held()

    async def work(memory):
        first = asyncio.create_task(memory.add("the first", source_id="1"))
        await held.wait()
        waiting = asyncio.create_task(memory.add("the second", source_id="2"))
        await asyncio.sleep(0.05)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        held.go_on.set()
        await first
        return [message.source_id for message in await memory.messages()]

    assert run(work, embedder=held) == ["1"]


def test_a_task_that_is_cancelled_stops_waiting_at_once(run):
    held = Held()

    async def work(memory):
        adding = asyncio.create_task(memory.add("the first"))
        await held.wait()
        adding.cancel()
        with pytest.raises(asyncio.CancelledError):
            await adding
        assert not held.go_on.is_set()  # the call itself goes on
        held.go_on.set()
        return (await memory.stats()).messages

    assert run(work, embedder=held) == 1


def test_a_timeout_is_a_cancellation(run):
    held = Held()

    async def work(memory):
        adding = asyncio.create_task(memory.add("the first"))
        await held.wait()
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(adding, 0.05)
        held.go_on.set()
        return (await memory.stats()).messages

    assert run(work, embedder=held) == 1


def test_closing_waits_for_the_call_that_is_under_way(run):
    held, order = Held(), []

    async def work(memory):
        async def adds():
            await memory.add("the first")
            order.append("added")

        async def closes():
            await memory.close()
            order.append("closed")

        adding = asyncio.create_task(adds())
        await held.wait()
        closing = asyncio.create_task(closes())
        await asyncio.sleep(0.05)
        assert not closing.done()
        held.go_on.set()
        await asyncio.gather(adding, closing)
        assert memory.closed
        return order

    assert run(work, embedder=held) == ["added", "closed"]
    with fovea.Memory(run.path) as memory:
        assert memory.stats().messages == 1


def test_what_progress_raises_comes_out_of_the_call_and_what_was_done_is_kept(run):
    class Enough(Exception):
        pass

    def stop(done, total):
        raise Enough(f"after {done}")

    async def work(memory):
        with pytest.raises(Enough, match="after 1"):
            await memory.add_many([prose(200)], progress=stop)
        assert await memory.verify() == []
        return await memory.stats()

    stats = run(work)
    assert stats.messages == 1 and 1 <= stats.pages < 4


def test_progress_that_says_no_ends_a_call_early(run):
    async def work(memory):
        made = await memory.add_many([prose(160)], progress=lambda done, total: done < 1)
        assert made.stopped
        rest = await memory.add_many([prose(160)], progress=lambda done, total: None)
        assert not rest.stopped and rest.pages > made.pages
        return await memory.verify()

    assert run(work) == []


def test_what_a_listener_raises_is_told_and_undoes_nothing(run, monkeypatch):
    told = []

    def fails(event):
        raise RuntimeError(f"no room for {event.name}")

    async def work(memory):
        await memory.on_event(fails)
        await memory.add("hello")
        await memory.on_event(None)
        await memory.add("again")
        return (await memory.stats()).messages

    monkeypatch.setattr(sys, "unraisablehook", lambda raised: told.append(str(raised.exc_value)))
    assert run(work) == 2 and told == ["no room for compact"]


def test_errors_are_those_of_the_call_with_their_kind(run):
    async def work(memory):
        with pytest.raises(fovea.NotFound, match="has nothing in scope default/default/default"):
            await memory.recall(99)
        with pytest.raises(fovea.InvalidArgument, match="budget"):
            await memory.context(0)
        with pytest.raises(TypeError):
            await memory.search()
        with pytest.raises(TypeError):
            await memory.add("x", colour="red")
        return await memory.scopes()

    assert run(work) == []  # none of them has written anything


def test_users_of_one_store_and_loop_never_meet(tmp_path):
    async def work() -> None:
        users = [f"user {number}" for number in range(4)]
        memories = {user: fovea.AsyncMemory(tmp_path / "memory.db", scope=fovea.Scope(user), **QUICK) for user in users}
        await asyncio.gather(*(memory.add(f"{user} has the number {user}-{number}.")
                               for number in range(15) for user, memory in memories.items()))
        for user, memory in memories.items():
            text = "".join(item.text for item in await memory.recall_all())
            assert text.count("has the number") == 15 and text.count(f"{user}-") == 15
            found = (await memory.search("number", where=["agent ~ *"])).verbatim_snippet
            assert not any(other in found for other in users if other != user)
            assert [held.scope.user for held in await memory.scopes()] == [user]
        await memories[users[0]].erase_scope()
        assert (await memories[users[0]].stats()).messages == 0 and (await memories[users[1]].stats()).messages == 15
        await asyncio.gather(*(memory.close() for memory in memories.values()))

    asyncio.run(asyncio.wait_for(work(), 300))


def test_two_memories_of_one_scope_write_at_once_and_lose_nothing(tmp_path):
    async def work() -> None:
        first, second = (fovea.AsyncMemory(tmp_path / "memory.db", **QUICK) for _ in range(2))
        await asyncio.gather(*(memory.add(f"from {name}: {number}", source_id=f"{name}{number}") for number in range(25)
                               for name, memory in (("a", first), ("b", second))))
        assert (await first.stats()).messages == (await second.stats()).messages == 50
        again = await first.add("from b: 7", source_id="b7")
        assert again.skipped_messages == 1 and await second.verify() == []
        await asyncio.gather(first.close(), second.close())

    asyncio.run(asyncio.wait_for(work(), 300))


def test_one_that_was_used_in_one_loop_goes_on_in_another(tmp_path):
    memory = fovea.AsyncMemory(tmp_path / "memory.db", **QUICK)
    asyncio.run(memory.add("hello"))
    assert asyncio.run(memory.stats()).messages == 1
    asyncio.run(memory.close())
    assert memory.closed


def test_one_that_is_never_closed_leaves_no_thread_behind(tmp_path):
    def opened():
        memory = fovea.AsyncMemory(tmp_path / "memory.db", **QUICK)
        asyncio.run(memory.add("hello"))
        return {thread for thread in threading.enumerate() if thread.name.startswith("fovea")}

    threads = opened()
    assert threads
    gc.collect()
    for thread in threads:
        thread.join(120)
    assert not any(thread.is_alive() for thread in threads)


def test_what_it_is_and_where_is_known_without_waiting(run):
    async def work(memory):
        assert memory.path == str(run.path) and memory.scope == fovea.Scope() and not memory.closed
        return repr(memory)

    assert run(work).startswith("AsyncMemory(")
