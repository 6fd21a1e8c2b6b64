"""Several threads, callbacks in the middle of calls, and tasks that are cancelled: nothing is lost, mixed up or held up."""

from __future__ import annotations

import asyncio
import concurrent.futures
import threading

import numpy as np
import pytest

from harbour import prose

pytest.importorskip("fovea._core", reason="built without FOVEA_BUILD_PYTHON")

import fovea  # noqa: E402

pytestmark = pytest.mark.usefixtures("loaded")
QUICK = {"level": "tiny", "measured_pages": 0}


@pytest.fixture
def memory(tmp_path):
    with fovea.Memory(tmp_path / "memory.db", scope="ann", **QUICK) as memory:
        yield memory


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    with fovea.Memory(tmp_path_factory.mktemp("filled") / "memory.db", scope="ann", **QUICK) as memory:
        memory.add_many([prose(115)])
        yield memory


def at_once(work, count: int) -> list:
    """`work(number)` in so many threads, which all begin together."""
    meet = threading.Barrier(count, timeout=120)

    def begun(number: int):
        meet.wait()
        return work(number)

    with concurrent.futures.ThreadPoolExecutor(count) as pool:
        return list(pool.map(begun, range(count)))


# Several threads


def test_threads_that_write_to_one_memory_lose_nothing(memory):
    made = at_once(lambda number: [memory.add(f"Thread {number} says {turn}.", source_id=f"{number}-{turn}") for turn in range(20)], 4)
    assert sum(result.skipped_messages for results in made for result in results) == 0
    messages = memory.messages()
    assert len(messages) == 80 and len({message.id for message in messages}) == 80
    for number in range(4):  # each thread's in its order
        own = [message.source_id for message in messages if message.source_id.startswith(f"{number}-")]
        assert own == [f"{number}-{turn}" for turn in range(20)]
    assert memory.verify() == []


def test_threads_of_two_users_in_one_file_never_meet(tmp_path):
    def work(number: int) -> str:
        with fovea.Memory(tmp_path / "memory.db", scope=f"user{number % 2}", **QUICK) as memory:
            for turn in range(10):
                memory.add(f"user{number % 2} says {turn}.")
                assert f"user{1 - number % 2}" not in memory.verbatim()
            return "".join(item.text for item in memory.recall_all())

    texts = at_once(work, 4)
    assert all(f"user{number % 2} says 9." in text and f"user{1 - number % 2}" not in text for number, text in enumerate(texts))


def test_readers_and_a_writer_take_turns(memory):
    def work(number: int) -> int:
        if number == 0:
            memory.add_many([prose(60)])
            return 0
        seen = [memory.stats().messages for _ in range(30)]
        memory.search("ships"), memory.pages(), memory.context(300, target="text")
        assert seen == sorted(seen)
        return seen[-1]

    at_once(work, 4)
    assert memory.stats().pages == 1 and memory.verify() == []


def test_one_result_is_read_by_many_threads(filled):
    found, recalled, picture = filled.search("ships"), filled.recall(1), filled.picture(1)

    def work(number: int) -> tuple:
        return ([hit.id for hit in found for _ in range(20)], len(recalled.spans), [span.length for span in recalled.spans],
                int(picture.pixels.sum()), len(picture.cells), picture.png[:8], repr(found))

    first, *others = at_once(work, 6)
    assert all(other == first for other in others)


def test_one_codec_and_one_renderer_serve_many_threads(filled):
    codec, renderer = fovea.Codec(), fovea.Renderer()
    texts = [f"Thread {number} writes into its book.\n" * 10 for number in range(3)]
    alone = [codec.encode(renderer.render(text, level="trace"))[0] for text in texts]

    def work(number: int) -> bool:
        tokens = codec.encode(renderer.render(texts[number], level="trace"))[0]
        return (codec.vectors(tokens) == codec.vectors(alone[number])).all()

    assert all(at_once(work, 3))


def test_a_memory_is_made_closed_and_asked_at_the_same_time(tmp_path):
    for turn in range(5):
        memory = fovea.Memory(tmp_path / f"{turn}.db", **QUICK)

        def work(number: int, memory: fovea.Memory = memory) -> str:
            try:
                memory.close() if number == 0 else memory.stats()
            except fovea.InvalidArgument as error:
                return str(error)
            return ""

        assert all(said == "" or "is closed; open it again" in said for said in at_once(work, 4))
        assert memory.closed


# Callbacks


@pytest.mark.parametrize("use", [
    lambda m: m.stats(), lambda m: m.add("more"), lambda m: m.close(), lambda m: m.search("x"), lambda m: m.on_event(None),
    lambda m: m.erase_scope(), lambda m: m.recall_all(), lambda m: m.__exit__(None, None, None), lambda m: m.verbatim(),
])
def test_no_callback_uses_the_memory_that_is_in_its_call(memory, use):
    def messages():
        yield "first"
        use(memory)
        yield "second"

    with pytest.raises(ValueError, match="already in a call on this thread; a callback or a generator of messages"):
        memory.add_many(messages())
    assert not memory.closed and [message.begins for message in memory.messages()] == ["first"]


def test_what_does_not_enter_the_memory_may_be_asked_in_a_callback(memory):
    told = []
    memory.add_many([prose(60)], progress=lambda done, total: told.append((memory.closed, memory.path, str(memory.scope), repr(memory))))
    assert told[0][0] is False and told[0][2] == "ann/default/default" and "Memory(" in told[0][3]


def test_a_callback_may_use_another_memory(memory, tmp_path):
    with fovea.Memory(tmp_path / "memory.db", scope="bob", **QUICK) as bob:
        def messages():
            for number in range(3):
                bob.add(f"Bob's {number}")
                yield f"Ann's {number}"

        memory.add_many(messages())
        assert (memory.stats().messages, bob.stats().messages) == (3, 3) and "Bob" not in memory.verbatim()


def test_a_reader_that_raises_in_the_middle_leaves_the_memory_as_it_is(filled):
    seen = []

    def each(item: fovea.Recalled) -> None:
        seen.append(item.id)
        if len(seen) == 2:
            raise LookupError("enough")

    with pytest.raises(LookupError, match="enough"):
        filled.recall_all(each=each)
    assert seen == [1, 2] and [item.id for item in filled.recall_all()] == [1, 2, 0]
    seen.clear()
    assert filled.recall_all(each=lambda item: seen.append(item.id) or len(seen) < 2) == [] and seen == [1, 2]
    assert filled.recall_all(each=lambda item: seen.append(item.id)) == [] and seen[2:] == [1, 2, 0]


@pytest.mark.parametrize("raised", [KeyboardInterrupt, SystemExit, GeneratorExit, asyncio.CancelledError, StopAsyncIteration])
def test_what_ends_a_program_comes_out_of_a_call_as_it_is(memory, raised):
    def messages():
        yield "first"
        raise raised

    with pytest.raises(raised):
        memory.add_many(messages())
    assert memory.stats().messages == 1 and memory.verify() == []


def test_what_on_broken_raises_ends_the_reading(memory, tmp_path):
    (tmp_path / "chat.jsonl").write_text('{"role": "user", "content": "hi"}\nbroken\nbroken\n{"role": "user", "content": "ho"}\n')

    def broken(line: int, reason: str) -> None:
        raise LookupError(f"line {line}")

    with pytest.raises(LookupError, match="^'?line 2"):
        memory.add_file(tmp_path / "chat.jsonl", on_broken=broken)
    assert memory.verify() == []


def test_iterables_of_any_kind_are_read_once_and_not_ahead(memory):
    class Given:
        def __init__(self) -> None:
            self.asked = 0

        def __iter__(self):
            self.asked += 1
            return iter(["a", "b"])

    given = Given()
    memory.add_many(given)
    assert given.asked == 1
    for several in (("c",), {"d"}, {"e": 1}.keys(), (text for text in ["f"]), map(str, [1]), np.array(["g"])):
        memory.add_many(several)
    assert [message.begins for message in memory.messages()] == ["a", "b", "c", "d", "e", "f", "1", "g"]

    class Broken:
        def __iter__(self):
            return 3

    with pytest.raises(TypeError):
        memory.add_many(Broken())


def test_a_pages_progress_comes_after_it_is_stored(tmp_path):
    stored = []
    with fovea.Memory(tmp_path / "memory.db", scope="ann", **QUICK) as memory, \
            fovea.Memory(tmp_path / "memory.db", scope="ann", access="read") as reader:
        memory.add_many([prose(190)], progress=lambda done, total: stored.append((done, reader.stats().pages)))
    assert stored == [(1, 1), (2, 2), (3, 3)]


def test_a_total_is_told_where_the_length_is_known(memory):
    told: list[tuple[int, int]] = []
    text = prose(115)
    memory.add_many([text], expected_characters=len(text), progress=lambda *pages: told.append(pages))
    assert [done for done, _ in told] == [1, 2] and {total for _, total in told} <= {2, 3} and told


# The bar


def test_progress_true_is_a_bar_that_ends_with_its_call(memory, capsys):
    pytest.importorskip("tqdm")
    memory.add_many([prose(60)], progress=True)
    shown = capsys.readouterr().err
    assert "1 pages" in shown or "1/" in shown
    with pytest.raises(RuntimeError, match="broken"):
        memory.add_many(iter_that_breaks(), progress=True)
    assert capsys.readouterr().err.endswith("\n")  # closed all the same


def iter_that_breaks():
    yield prose(60)
    raise RuntimeError("broken")


def test_a_bar_without_tqdm_says_what_to_install_and_adds_nothing(memory, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "tqdm.auto", None)
    with pytest.raises(ModuleNotFoundError, match="progress=True needs tqdm: `pip install tqdm`"):
        memory.add("hello", progress=True)
    assert memory.stats().messages == 0


# asyncio


def test_calls_of_an_async_memory_keep_their_order(tmp_path):
    async def work() -> list[str]:
        async with fovea.AsyncMemory(tmp_path / "memory.db", scope="ann", **QUICK) as memory:
            await asyncio.gather(*(memory.add(f"{number}") for number in range(30)))
            return [message.begins for message in await memory.messages()]

    assert asyncio.run(work()) == [str(number) for number in range(30)]


def test_a_call_that_is_cancelled_before_its_turn_never_runs(tmp_path):
    async def work() -> list[str]:
        begun, go_on = threading.Event(), threading.Event()

        def slow():
            begun.set()
            assert go_on.wait(120)
            yield "slow"

        async with fovea.AsyncMemory(tmp_path / "memory.db", **QUICK) as memory:
            first = asyncio.create_task(memory.add_many(slow()))
            await asyncio.to_thread(begun.wait, 120)
            second = asyncio.create_task(memory.add("never"))
            await asyncio.sleep(0)
            second.cancel()
            with pytest.raises(asyncio.CancelledError):
                await second
            go_on.set()
            await first
            await memory.add("last")
            return [message.begins for message in await memory.messages()]

    assert asyncio.run(work()) == ["slow", "last"]


def test_an_async_memory_is_told_of_progress_and_may_be_ended_by_it(tmp_path):
    async def work() -> tuple:
        told: list[int] = []
        async with fovea.AsyncMemory(tmp_path / "memory.db", **QUICK) as memory:
            stopped = await memory.add_many([prose(190)], progress=lambda done, total: told.append(done) or done < 2)
            whole = await memory.add_many([], progress=False)
            pages = (await memory.stats()).pages
        return told, stopped.stopped, whole.stopped, pages

    assert asyncio.run(work()) == ([1, 2], True, False, 3)


def test_errors_and_exits_pass_through_an_async_memory(tmp_path):
    async def work() -> None:
        with pytest.raises(ZeroDivisionError):
            async with fovea.AsyncMemory(tmp_path / "memory.db", scope="ann/coder") as memory:
                assert repr(memory).startswith("AsyncMemory(") and str(memory.scope) == "ann/coder/default"
                assert memory.path == str(tmp_path / "memory.db") and not memory.closed
                with pytest.raises(TypeError, match="add\\(\\): incompatible"):
                    await memory.add(3)
                with pytest.raises(KeyError, match="has nothing in scope ann/coder/default"):
                    await memory.read([9])
                1 / 0  # noqa: B018
        assert memory.closed and repr(memory).endswith("closed)")
        with pytest.raises(ValueError, match="archive"):
            fovea.AsyncMemory(tmp_path / "other.db", archive="burn")

    asyncio.run(work())


def test_two_async_memories_do_not_wait_for_each_other(tmp_path):
    async def work() -> None:
        begun, go_on = threading.Event(), threading.Event()

        def slow():
            begun.set()
            assert go_on.wait(120)
            yield "slow"

        async with fovea.AsyncMemory(tmp_path / "memory.db", scope="ann", **QUICK) as ann, \
                fovea.AsyncMemory(tmp_path / "memory.db", scope="bob", **QUICK) as bob:
            waiting = asyncio.create_task(ann.add_many(slow()))
            await asyncio.to_thread(begun.wait, 120)
            assert (await bob.stats()).messages == 0 and not waiting.done()
            go_on.set()
            await waiting

    asyncio.run(work())
