"""fovea.Memory: what it does, what it raises, and who may use it when."""

from __future__ import annotations

import collections.abc
import datetime
import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from harbour import prose

pytest.importorskip("fovea._core", reason="built without FOVEA_BUILD_PYTHON")

import fovea  # noqa: E402

pytestmark = pytest.mark.usefixtures("loaded")

PAGE = 60  # lines: a page and a little more
QUICK = {"level": "tiny", "measured_pages": 0}


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    """Two pages at tiny and a rest, for tests that change nothing."""
    memory = fovea.Memory(tmp_path_factory.mktemp("filled") / "memory.db", **QUICK)
    memory.add_many([prose(2 * PAGE + 10)])
    yield memory
    memory.close()


@pytest.fixture
def memory(tmp_path):
    with fovea.Memory(tmp_path / "memory.db", scope="ann/coder", **QUICK) as memory:
        yield memory


def test_a_message_stays_verbatim_until_it_fills_a_page(memory):
    assert memory.add("Where is the log?").pages == 0
    assert memory.add_many([prose(PAGE)]).pages == 1
    assert memory.finish().pages == 1
    assert "".join(item.text for item in memory.recall_all()) == f"user:\nWhere is the log?\n\nuser:\n{prose(PAGE)}\n"


def test_a_policy_is_kept_in_the_store_and_takes_the_exact_text_in_its_time(tmp_path):
    fading = '{"bands": [{"floor": 0.9}], "archive_for": "1d"}'
    with fovea.Memory(tmp_path / "memory.db", policy=fovea.Policy.from_json(fading), **QUICK) as memory:
        memory.add_many([fovea.Message("user", prose(PAGE), time=1_000_000)])
    with fovea.Memory(tmp_path / "memory.db") as memory:
        assert memory.policy().archive_for == 86_400
        assert memory.plan(now=2_000_000).archives == [1] and memory.pages()[0].has_archive
        assert memory.age(now=2_000_000).archives == [1] and not memory.pages()[0].has_archive
    with fovea.Memory(tmp_path / "other.db") as memory:
        assert memory.policy().to_json() == fovea.Policy.standard().to_json()


def test_ages_count_to_the_time_that_is_given(tmp_path):
    fading = fovea.Policy.from_json('{"bands": [{"level": "base"}, {"older_than": "7d", "level": "tiny"}]}')
    for now, level in ((1_000_060, "base"), (datetime.datetime.fromtimestamp(3_000_000), "tiny")):
        with fovea.Memory(tmp_path / f"{level}.db", policy=fading, measured_pages=0) as memory:
            memory.add_many([fovea.Message("user", prose(PAGE), time=1_000_000)], now=now)
            memory.add(prose(9), time=1_000_000, now=now)
            memory.finish(now=now)
            assert [page.level.name for page in memory.pages()] == [level, level]


def test_a_memory_that_is_opened_to_read_changes_nothing(tmp_path):
    path = tmp_path / "memory.db"
    with pytest.raises(fovea.NotFound, match="does not exist"):
        fovea.Memory(path, access="read")
    assert not path.exists()
    for scope in ("ann/coder", "bob/coder"):
        with fovea.Memory(path, scope=scope, **QUICK) as memory:
            memory.add_many([f"{scope} says: {prose(PAGE)}"])
    before = path.read_bytes()
    with fovea.Memory(path, scope="ann/coder", access=fovea.Access.read) as memory:
        assert memory.search("says")[0].id == 1 and "ann/coder says" in memory.read([1])[0].text
        assert "bob" not in memory.recall_all()[0].text
        for change in (lambda: memory.add("more"), lambda: memory.erase([1]), lambda: memory.pin(1), memory.finish):
            with pytest.raises(fovea.IOFailure, match="was opened to be read"):
                change()
    assert path.read_bytes() == before
    with pytest.raises(fovea.InvalidArgument, match='"append": expected write or read'):
        fovea.Memory(path, access="append")


def test_a_page_and_its_messages_are_listed_alone(filled):
    (page,) = filled.pages(page=2)
    assert page.id == 2 and filled.pages(page=99) == []
    listed = filled.messages(page=2)
    assert listed and all(2 in message.pages for message in listed)
    assert [message.id for message in listed] == [m.id for m in filled.messages() if 2 in m.pages]
    with pytest.raises(fovea.InvalidArgument, match="page: expected a whole number from 1"):
        filled.messages(page=0)


def test_a_page_comes_back_from_its_vision_tokens_and_from_the_archive(filled):
    exact = filled.recall(1)
    read = filled.recall(1, fovea.Source.tokens)
    assert (exact.source, exact.level, exact.confidence) == ("archive", fovea.Level.tiny, 1)
    assert read.source == "tokens" and fovea.accuracy(exact.text, read.text) > 0.98
    assert [item.id for item in filled.recall([2, 1], "archive")] == [1, 2]
    assert [item.id for item in filled.recall("00100 ships", k=1)] == [2]


def test_search_context_picture_and_figures(filled):
    assert filled.search("00010", k=1)[0].id == 1
    context = filled.context(600, query="00010", format="anthropic")
    assert context.tokens <= context.budget == 600 and "00010 The" in context.parts[0].text
    assert context.messages[0]["role"] == "user" and context.target == "anthropic"
    assert filled.context(600).parts[0].png.startswith(b"\x89PNG")
    drawn = filled.context(format="openai-chat", target="fovea")
    assert drawn.messages[0]["content"][0]["type"] == "image_url"
    with pytest.warns(UserWarning, match="nobody"):
        assert filled.context(600, target="nobody").target == "text"
    picture = filled.picture(1)
    assert (picture.level, picture.pixels.shape) == (fovea.Level.tiny, (512, 512))
    assert filled.stats().levels[fovea.Level.tiny].vision_tokens == 128
    assert [page.id for page in filled.pages()] == [1, 2] and filled.verify() == []


def test_the_dicts_of_chat_apis_look_on_pages_as_memctl_draws_them(memory):
    memory.add_many([
        {"role": "user", "content": [{"type": "text", "text": "List it."}], "id": "m1"},
        {"role": "assistant", "content": None, "tool_calls": [
            {"id": "c1", "type": "function", "function": {"name": "ls", "arguments": '{"path": "/var"}'}}]},
        {"role": "tool", "tool_call_id": "c1", "content": "log"},
        fovea.Message("note", "as it is\n"),
    ])
    known = memory.add_many([{"role": "user", "content": [{"type": "text", "text": "List it."}], "id": "m1"}])
    assert known.skipped_messages == 1
    text = memory.recall_all()[0].text
    assert text == ("user:\nList it.\n\ntool call ls:\npath: /var\n\ntool result ls:\nlog\n\nas it is\n")


def test_a_result_is_a_sequence_of_hits(filled):
    found = filled.search("harbour")
    assert isinstance(found, collections.abc.Sequence) and len(found) == 2
    assert [hit.id for hit in found[::-1]] == [found[1].id, found[0].id] and found[5:] == []


def test_what_cannot_be_added_is_named(memory):
    with pytest.raises(TypeError, match="message 1: a dict that is not JSON"):
        memory.add_many(["hi", {"role": "user", "content": {1, 2}}])
    with pytest.raises(TypeError, match="expires: expected a datetime"):
        memory.add("hi", expires="tomorrow")
    with pytest.raises(ValueError, match="expires: expected a time after 1970"):
        memory.add("hi", expires=-1)


def test_any_bytes_come_back(memory):
    memory.add(b"\xff and \xc3\xa9")
    memory.add_many(["lone \udc80", b"\xfe"])
    assert memory.recall_all()[0].text == "user:\n\udcff and é\n\nuser:\nlone \udc80\n\nuser:\n\udcfe\n\n"


def test_a_history_file_is_read_by_its_format(memory, tmp_path):
    (tmp_path / "chat.jsonl").write_text('{"role": "user", "content": "hi"}\n{"role": \n')
    broken = []
    memory.add_file(tmp_path / "chat.jsonl", on_broken=lambda line, reason: broken.append(line))
    assert broken == [2] and memory.recall_all()[0].text == "user:\nhi\n\n"


def test_pages_fade_and_a_plan_changes_nothing(tmp_path):
    with fovea.Memory(tmp_path / "memory.db", measured_pages=0, level="small") as memory:
        memory.add_many([fovea.Message("user", prose(2 * PAGE), time=1_000_000)])
        memory.pin(1)
        plan = memory.plan(to="tiny")
        assert [(step.id, step.from_level.name, step.to, step.tokens_saved) for step in plan.steps] == \
            [(2, "small", fovea.Level.tiny, 36)] and plan.lost_words.keys() == {2}
        assert memory.age(now=datetime.datetime.fromtimestamp(1_000_000)).steps == []
        assert memory.age(to=fovea.Level.tiny).steps[0].fidelity > 0.98
        assert [page.level.name for page in memory.pages()] == ["small", "tiny"]
        recalled = memory.recall(2, "tokens")
        assert "".join(recalled.text[s.begin:s.begin + s.length] for s in recalled.spans) == recalled.text
        assert {span.source for span in recalled.spans} == {"decoded"}
        assert memory.promote(2).to.name == "small"


def test_the_history_says_what_happened_to_the_scopes_pages_alone(tmp_path):
    with fovea.Memory(tmp_path / "memory.db", scope="ann/coder", **QUICK) as ann, \
            fovea.Memory(tmp_path / "memory.db", scope="bob/coder", **QUICK) as bob:
        assert ann.history() == []
        ann.add_many([prose(2 * PAGE)])
        bob.add_many([prose(PAGE)])
        ann.pin(1)
        ann.age(to="faint")
        ann.promote(2)
        bob.pin(3)
        entries = ann.history()
        assert [(e.event, e.page, e.from_level, e.to) for e in entries] == [
            ("pin", 1, None, None), ("fade", 2, fovea.Level.tiny, fovea.Level.faint),
            ("promote", 2, fovea.Level.faint, fovea.Level.tiny)]
        fade = entries[1]
        assert fade.reason == "asked for" and fade.tokens_saved == 28 and 0.5 < fade.accuracy < 1
        assert entries[2].tokens_saved == -28 and abs(fade.time - time.time()) < 600
        assert repr(fade) == "HistoryEntry(fade, page=2, to faint)"
        assert [(e.event, e.page) for e in bob.history()] == [("pin", 3)]
        ann.erase([1])  # and what was noted of it
        assert [(e.event, e.page) for e in ann.history()] == [("fade", 2), ("promote", 2), ("erase", 1)]


def test_pages_are_read_without_delaying_their_fading(tmp_path):
    with fovea.Memory(tmp_path / "memory.db", scope="ann/coder", **QUICK) as ann, \
            fovea.Memory(tmp_path / "memory.db", scope="bob/coder", **QUICK) as bob:
        ann.add_many([prose(2 * PAGE + 10)])
        bob.add_many([prose(PAGE)])
        exact = ann.read([2, 0, 1, 2])
        assert [item.id for item in exact] == [1, 2, 0]
        assert "".join(item.text for item in exact) == f"user:\n{prose(2 * PAGE + 10)}\n"
        tokens = ann.read([1], "tokens")[0]
        assert tokens.source == "tokens" and fovea.accuracy(exact[0].text, tokens.text) > 0.95
        assert [page.last_recalled for page in ann.pages()] == [0, 0]
        with pytest.raises(KeyError, match="no page 3"):
            ann.read([1, 3])  # Bob's
        with pytest.raises(ValueError, match="expected tokens, archive or automatic"):
            ann.read([1], "mind")
        assert ann.read([]) == [] and bob.read([3])[0].text.startswith("user:")


def test_policies_and_plans_are_data():
    policy = fovea.Policy.from_json('{"kind": "by-age", "bands": [{"older_than": "1d", "level": "tiny"}]}')
    state = fovea.PageState(7, "base", time=0)
    assert fovea.Policy.preset_names() == ["careful", "balanced", "lean"]
    careful = fovea.Policy.preset("careful")
    assert careful.corrections.bytes > 0 and careful.anchors.down_to == fovea.Level.trace
    assert fovea.expected_level(0.99) == fovea.Level.tiny and 0.7 < fovea.expected_fidelity("faint") < 0.9
    fading = fovea.Policy.from_json('{"bands": [{"older_than": "1d", "floor": 0.9}]}')
    assert [step.to for step in fovea.plan(fading, [state], 90_000).steps] == [fovea.Level.tiny]
    assert fovea.plan(fading, [state], 90_000, levels=["large", "base"]).steps == []
    assert fovea.plan(fading, [fovea.PageState(7, "base", time=0, legible_to="base")], 90_000).steps == []
    assert [(step.id, step.to) for step in fovea.plan(policy, [state], 90_000).steps] == [(7, fovea.Level.tiny)]
    with pytest.raises(ValueError, match="kind"):
        fovea.Policy.from_json('{"kind": "by-mood", "bands": [{"older_than": "1d", "level": "tiny"}]}')


def test_what_is_erased_is_gone(memory):
    memory.add_many([prose(PAGE)])
    assert memory.erase([1]).pages == [1]
    with pytest.raises(KeyError, match="no page 1"):
        memory.recall(1)
    assert memory.erase_scope().bytes_gone and memory.stats().messages == 0


@pytest.mark.parametrize("call, exception, message", [
    (lambda m: m.search(" "), ValueError, "query is empty"),
    (lambda m: m.recall(99), KeyError, "no page 99"),
    (lambda m: m.recall(1, "mind"), ValueError, "expected tokens, archive or automatic"),
    (lambda m: m.context(3), ValueError, "smallest that works"),
    (lambda m: m.add(3), TypeError, "incompatible"),
    (lambda m: m.add("x", role=""), ValueError, "role"),
    (lambda m: m.add("x", time="noon"), TypeError, "datetime"),
    (lambda m: m.add("x", time=float("nan")), ValueError, "time"),
    (lambda m: m.add("x", time=10**30), ValueError, "time"),
    (lambda m: m.add("x", expires=float("inf")), ValueError, "expires"),
    (lambda m: m.recall(10**30), KeyError, "no page 1000000"),
    (lambda m: m.recall([1, 10**30]), KeyError, "no page 1000000"),
    (lambda m: m.pin(-10**30), KeyError, "no page -1000000"),
    (lambda m: m.erase([10**30]), KeyError, "no page 1000000"),
    (lambda m: m.promote(2**63), KeyError, "no page 9223372036854775808"),
    (lambda m: m.picture(10**30), KeyError, "no page 1000000"),
    (lambda m: m.search("ships", k=10**30), ValueError, "k: expected a whole number from 1 to 1000000, got 1000000"),
    (lambda m: m.search("ships", recency=float("nan")), ValueError, "recency"),
    (lambda m: m.recall("ships", k=0), ValueError, "k: expected"),
    (lambda m: m.context(10**30), ValueError, "budget: expected a whole number from 1 to 1000000000, got 1000000"),
    (lambda m: m.context(-1), ValueError, "budget: expected"),
    (lambda m: m.context(recent=2), ValueError, "recent"),
    (lambda m: m.add_many([1]), TypeError, "message 0: expected a str"),
    (lambda m: m.add_many([{"a": 1}]), ValueError, "message 0: a dict that is not a message"),
    (lambda m: m.add_many(["x"], progress=3), TypeError, "progress"),
    (lambda m: m.add_file("nowhere.txt"), KeyError, "nowhere.txt"),
    (lambda m: m.pin("x"), TypeError, "incompatible"),
    (lambda m: m.age(to="blurred"), ValueError, "blurred"),
    (lambda m: fovea.Memory("nowhere/x.db"), OSError, "nowhere/x.db cannot be opened .*nowhere: No such file"),
    (lambda m: fovea.Memory(m.path, scope="a//b"), ValueError, "user/agent/session"),
    (lambda m: fovea.Memory(m.path, density=107), ValueError, "107"),
    (lambda m: fovea.Memory(__file__), fovea.Corruption, "not a Fovea store"),
])
def test_bad_input_raises_what_python_expects(filled, call, exception, message):
    with pytest.raises(exception, match=message) as caught:
        call(filled)
    assert isinstance(caught.value, (fovea.Error, TypeError)) and not str(caught.value).startswith("'")


def test_what_came_before_an_exception_is_stored(memory):
    def messages():
        yield "first"
        yield "second"
        raise RuntimeError("the source broke")

    with pytest.raises(RuntimeError, match="the source broke"):
        memory.add_many(messages())
    assert memory.stats().messages == 2


def test_progress_is_told_and_may_stop(memory):
    told = []
    result = memory.add_many([prose(3 * PAGE)], progress=lambda done, total: told.append(done) or done < 1)
    assert (told, result.stopped, result.pages) == ([1], True, 1)
    with pytest.raises(ZeroDivisionError):
        memory.add_many([], progress=lambda done, total: 1 / 0)
    assert memory.add_many([]).pages >= 1 and memory.verify() == []


def test_a_callback_may_not_use_the_memory_that_called_it(memory):
    with pytest.raises(ValueError, match="already in a call on this thread"):
        memory.add_many([prose(PAGE)], progress=lambda done, total: memory.stats())


def test_a_closed_memory_says_so(tmp_path):
    with fovea.Memory(tmp_path / "memory.db") as memory:
        pass
    memory.close()
    assert memory.closed and repr(memory).endswith("closed)")
    with pytest.raises(ValueError, match="is closed"):
        memory.stats()


def test_two_threads_are_in_the_library_at_once(tmp_path):
    """Each waits for the other in the middle of its call, which only works when both are under way."""
    meet = threading.Barrier(2, timeout=240)
    results = []

    def work(name: str) -> None:
        with fovea.Memory(tmp_path / f"{name}.db", **QUICK) as memory:
            results.append(memory.add_many([prose(PAGE)], progress=lambda done, total: meet.wait()))

    threads = [threading.Thread(target=work, args=(name,)) for name in ("a", "b")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [result.pages for result in results] == [1, 1]


def test_threads_take_turns_on_one_memory_and_close_waits_for_them(tmp_path):
    memory = fovea.Memory(tmp_path / "memory.db", **QUICK)
    inside = threading.Event()
    thread = threading.Thread(target=lambda: memory.add_many([prose(PAGE)],
                                                             progress=lambda *_: inside.set()))
    thread.start()
    assert inside.wait(240)
    memory.close()
    thread.join()
    with fovea.Memory(tmp_path / "memory.db") as again:
        assert again.stats().pages == 1 and again.verify() == []


def test_a_forked_child_is_refused_and_harms_nothing(memory):
    child = os.fork()
    if child == 0:
        try:
            memory.stats()
        except fovea.Unsupported as error:
            os._exit(0 if "forked" in str(error) else 1)
        os._exit(2)
    assert os.waitpid(child, 0)[1] == 0
    memory.add("the parent goes on")
    assert memory.stats().messages == 1 and memory.verify() == []


def test_ctrl_c_ends_a_call_after_the_page_in_hand(tmp_path):
    program = ("import fovea, sys; sys.path.insert(0, sys.argv[2]); from harbour import prose\n"
               "memory = fovea.Memory(sys.argv[1], level='tiny', measured_pages=0)\n"
               "memory.add_many([prose(50000)], progress=lambda done, total: print(done, flush=True))")
    store = tmp_path / "memory.db"
    # A test run in a shell's background has inherited that the signal is ignored.
    process = subprocess.Popen([sys.executable, "-c", program, str(store), os.path.dirname(__file__)],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                               preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
    assert process.stdout.readline() == "1\n"
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=240)
    assert "KeyboardInterrupt" in err and process.returncode != 0
    with fovea.Memory(store) as memory:
        assert memory.stats().messages == 1 and memory.verify() == []


@pytest.mark.parametrize("work", [
    "memory.add_many([prose(3000)], progress=lambda done, total: inside.set())",
    "inside.set(); [codec.encode([page]) for _ in range(999)]",
])
def test_a_daemon_thread_in_the_middle_of_a_call_does_not_crash_the_end_of_python(tmp_path, work):
    program = ("import fovea, sys, threading; sys.path.insert(0, sys.argv[2]); from harbour import prose\n"
               "memory, inside = fovea.Memory(sys.argv[1], level='tiny', measured_pages=0), threading.Event()\n"
               "codec, page = fovea.Codec(), fovea.Renderer().render('x', level='tiny')[0]\n"
               f"def work(): {work}\n"
               "threading.Thread(target=work, daemon=True).start(); inside.wait()")
    done = subprocess.run([sys.executable, "-c", program, str(tmp_path / "memory.db"), os.path.dirname(__file__)],
                          text=True, capture_output=True, timeout=120)
    assert (done.returncode, done.stderr) == (0, "")
    with fovea.Memory(tmp_path / "memory.db") as memory:
        assert memory.verify() == []


def test_reprs_tell_what_matters(filled):
    assert repr(filled.stats()) == ("Stats(pages=2, messages=1, text_tokens=2,586, vision_tokens=128, "
                                    "verbatim_characters=1,572)")
    assert repr(filled.recall(1)).startswith("Recalled(id=1, level=tiny, source=archive, confidence=1, text='user:")
    assert repr(fovea.Scope("ann")) == "Scope('ann', 'default', 'default')"


def test_memories_of_a_process_load_the_checkpoint_once(tmp_path, checkpoint):
    def opened(scope: str, **options) -> fovea.Memory:
        return fovea.Memory(tmp_path / "memory.db", checkpoint, scope, **QUICK, **options)

    with opened("ann") as ann:
        ann.add("x")
        weights = checkpoint / "model.safetensors"
        times = weights.stat()
        weights.unlink()
        weights.write_bytes(b"whoever reads this fails")
        os.utime(weights, ns=(times.st_atime_ns, times.st_mtime_ns))
        with opened("bob") as bob:
            bob.add("x")
            assert ann.stats().messages == bob.stats().messages == 1
        with opened("eve", threads=3) as eve, pytest.raises(fovea.Corruption):  # for another number of threads it is packed anew
            eve.add("x")
