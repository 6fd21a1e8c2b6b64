"""fovea.AsyncMemory: the loop goes on, calls keep their order, a cancelled task loses nothing."""

from __future__ import annotations

import asyncio
import threading

import pytest

from harbour import prose

pytest.importorskip("fovea._core", reason="built without FOVEA_BUILD_PYTHON")

import fovea  # noqa: E402

pytestmark = pytest.mark.usefixtures("loaded")

QUICK = {"level": "tiny", "measured_pages": 0}


def test_the_loop_goes_on_while_pages_are_made(tmp_path):
    async def work() -> None:
        async with fovea.AsyncMemory(tmp_path / "memory.db", **QUICK) as memory:
            turned = threading.Event()
            task = asyncio.create_task(memory.add_many([prose(130)], progress=lambda done, total: turned.wait(120)))
            for _ in range(10):
                await asyncio.sleep(0.001)
            assert not task.done()  # it waits for the loop after the first page
            turned.set()
            assert (await task).pages == 2
            assert (await memory.recall(1)).id == 1 and len(await memory.recall([1, 2])) == 2
            assert (await memory.search("00010", k=1))[0].id == 1
            assert (await memory.read([2], source="tokens"))[0].id == 2 and await memory.history() == []

    asyncio.run(work())


def test_a_cancelled_task_ends_after_the_page_in_hand_and_loses_nothing(tmp_path):
    async def work() -> tuple[fovea.Stats, list[str]]:
        async with fovea.AsyncMemory(tmp_path / "memory.db", **QUICK) as memory:
            first, go_on = threading.Event(), threading.Event()

            def in_hand(done: int, total: int) -> None:
                first.set()
                assert go_on.wait(120)

            task = asyncio.create_task(memory.add_many([prose(300)], progress=in_hand))
            assert await asyncio.to_thread(first.wait, 120)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            go_on.set()
            return await memory.stats(), await memory.verify()

    stats, findings = asyncio.run(work())
    assert stats.pages == 1 and stats.messages == 1 and stats.verbatim_characters > 0 and findings == []


def test_events_are_told_in_its_thread_and_keys_change_meanwhile(tmp_path):
    async def work() -> list[tuple[str, str]]:
        key, new = (fovea.key_from_text(fovea.new_key_text()) for _ in range(2))
        told: list[tuple[str, str]] = []
        async with fovea.AsyncMemory(tmp_path / "memory.db", key=key) as memory:
            await memory.on_event(lambda event: told.append((event.name, threading.current_thread().name)))
            await memory.add("hello")
            await memory.change_key(new)
            assert (await memory.migrate()).pages == 0
        async with fovea.AsyncMemory(tmp_path / "memory.db", key=lambda: new) as memory:
            assert (await memory.stats()).messages == 1
        return told

    told = asyncio.run(work())
    assert {"compact", "migrate"} <= {name for name, _ in told} and {thread for _, thread in told} == {"fovea_0"}


def test_a_closed_one_says_so_and_errors_pass_through(tmp_path):
    async def work() -> None:
        memory = fovea.AsyncMemory(tmp_path / "memory.db")
        with pytest.raises(KeyError):
            await memory.recall(7)
        await memory.close()
        await memory.close()
        assert memory.closed
        with pytest.raises(ValueError, match="is closed"):
            await memory.stats()

    asyncio.run(work())


def test_it_has_every_call_of_a_memory():
    own = {name for name in dir(fovea.Memory) if not name.startswith("_")}
    assert own - set(dir(fovea.AsyncMemory)) == set()
